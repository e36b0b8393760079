import { isMap, LineCounter, parseDocument, visit, type Document, type Node, type YAMLError } from 'yaml'
import type { z } from 'zod'
import { fieldsAt } from './fields.ts'
import { nearest } from '../../policy/vocabulary/nearest.ts'
import { seedSchema, type Seed } from './schema.ts'

/** Where something stands in a seed: the names and indexes that lead to it. */
export type SeedPath = readonly (string | number)[]

/** Something in a seed that cannot be. */
export interface SeedMistake {
  /** From 1; null where a seed is not a text. */
  readonly line: number | null
  readonly column: number | null
  readonly path: SeedPath
  readonly message: string
}

/** A seed that cannot be planted. Its message has a line for each mistake. */
export class SeedError extends Error {
  readonly mistakes: readonly SeedMistake[]

  /** @param name that of the seed's file */
  constructor(name: string, mistakes: readonly SeedMistake[], options?: ErrorOptions) {
    super(mistakes.map((mistake) => lineOf(name, mistake)).join('\n'), options)
    this.mistakes = mistakes
  }
}

function lineOf(name: string, { line, column, path, message }: SeedMistake): string {
  const place = line === null ? name : `${name}:${line}:${column}`
  return `${place}: ${path.length === 0 ? '' : `${pathText(path)}: `}${message}`
}

/** A place in a seed as errors show it, such as `Accounts[0].Users[1]`. */
export function pathText(path: SeedPath): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '')
}

/** A seed that was read, and where in its text each part stands. */
export interface ReadSeed {
  readonly seed: Seed
  /** An error about one part of it. */
  readonly error: (path: SeedPath, message: string, options?: ErrorOptions) => SeedError
}

/**
 * Reads a seed in YAML or JSON.
 *
 * @param name for errors
 * @throws SeedError with every mistake
 */
export function readSeed(source: string, name: string): ReadSeed {
  const lines = new LineCounter()
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const wrong = (offset: number, message: string, cause?: unknown): SeedError =>
    new SeedError(name, [{ ...at(offset), path: [], message }], { cause })
  const document = withinDepth(
    () => parseDocument(source, { lineCounter: lines, prettyErrors: false }),
    (cause) => wrong(0, TOO_DEEP, cause),
  )
  const syntax = document.errors.map((error) => ({ ...at(error.pos[0]), path: [], message: syntaxText(error) }))
  if (syntax.length > 0) throw new SeedError(name, syntax)
  const content = withinDepth(
    () => contentOf(document, wrong),
    (cause) => wrong(0, TOO_DEEP, cause),
  )
  return acceptSeed(content, name, (path, isName) => at(offsetOf(document, path, isName)))
}

/** More than these, and what they stand for could fill the memory. */
const MOST_ALIASES = 1000

function contentOf(document: Document, wrong: (offset: number, message: string, cause?: unknown) => SeedError) {
  const aliases: number[] = []
  visit(document, {
    // An account's id without quotes is read as a number, and would lose the zeros that it begins with.
    Scalar(_key, node) {
      if (typeof node.value === 'number' && /^\d{12}$/.test(node.source ?? '')) node.value = node.source
    },
    Alias(_key, { range }) {
      aliases.push(range?.[0] ?? 0)
    },
  })
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    throw wrong(
      aliases.at(-1) ?? 0,
      'The aliases (*name) up to here stand for more than a seed may have, for themselves or for nothing. Write it out.',
      error,
    )
  }
}

const TOO_DEEP = 'It is nested too deeply to be read.'

/** What is nested without end takes the whole stack, and no more. */
function withinDepth<Result>(work: () => Result, tooDeep: (cause: RangeError) => SeedError): Result {
  try {
    return work()
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep(error)
    throw error
  }
}

function syntaxText({ code, message }: YAMLError): string {
  if (code === 'RESOURCE_EXHAUSTION') return TOO_DEEP
  if (code !== 'MULTIPLE_DOCS') return message
  return 'A second document begins here, and a seed is one: take the line --- away, or keep them in two files.'
}

/** Accepts a seed that was written out in a program. */
export function acceptSeed(
  content: unknown,
  name: string,
  placeOf: (path: SeedPath, isName: boolean) => Pick<SeedMistake, 'line' | 'column'> = () => ({
    line: null,
    column: null,
  }),
): ReadSeed {
  const mistake = (path: SeedPath, message: string, isName = false): SeedMistake => ({
    ...placeOf(path, isName),
    path,
    message,
  })
  const result = withinDepth(
    () => seedSchema.safeParse(content, { reportInput: true }),
    (cause) => new SeedError(name, [mistake([], TOO_DEEP)], { cause }),
  )
  if (!result.success) {
    throw new SeedError(name, mistakesOf(result.error.issues, mistake))
  }
  return {
    seed: result.data,
    error: (path, message, options) => new SeedError(name, [mistake(path, message)], options),
  }
}

/** Where the value at a path begins, or the name that leads to it; of what is missing, what it is missing in. */
function offsetOf(document: Document, path: SeedPath, isName: boolean): number {
  if (isName) {
    const parent = document.getIn(path.slice(0, -1), true)
    const pair = isMap(parent) ? parent.items.find(({ key }) => String(key) === path.at(-1)) : undefined
    const range = (pair?.key as Node | undefined)?.range
    if (range !== undefined && range !== null) return range[0]
  }
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true) as Node | undefined
    if (node?.range !== undefined && node.range !== null) return node.range[0]
  }
  return 0
}

type Mistake = (path: SeedPath, message: string, isName?: boolean) => SeedMistake

/** A field under a wrong name is one mistake: that the right one is missing is not another. */
function mistakesOf(issues: readonly z.core.$ZodIssue[], mistake: Mistake): readonly SeedMistake[] {
  const meant = new Set(
    issues.flatMap((issue) => {
      if (issue.code !== 'unrecognized_keys') return []
      const path = plain(issue.path)
      const fields = fieldsAt(seedSchema, path)
      const names = issue.keys.flatMap((key) => nearest(key, fields) ?? [])
      return names.map((field) => pathText([...path, field]))
    }),
  )
  return issues
    .filter((issue) => !meant.has(pathText(plain(issue.path))))
    .flatMap((issue) => mistakesOfOne(issue, mistake))
}

function plain(path: readonly PropertyKey[]): SeedPath {
  return path.map((part) => (typeof part === 'symbol' ? String(part) : part))
}

function mistakesOfOne(issue: z.core.$ZodIssue, mistake: Mistake): readonly SeedMistake[] {
  const path = plain(issue.path)
  if (issue.code === 'unrecognized_keys') {
    const fields = fieldsAt(seedSchema, path)
    return issue.keys.map((key) => mistake([...path, key], unknownField(key, fields), true))
  }
  if (issue.code === 'invalid_value') {
    const given = typeof issue.input === 'string' ? issue.input : JSON.stringify(issue.input ?? null)
    const meant = nearest(given, issue.values.map(String))
    const hint = meant === undefined ? `There are ${issue.values.map(String).join(', ')}.` : `Did you mean ${meant}?`
    return [mistake(path, `"${given}" is not possible here. ${hint}`)]
  }
  if (issue.code === 'invalid_type') {
    const missing = issue.message.includes('received undefined')
    return [mistake(path, missing ? 'This is missing.' : `This must be ${WORDS[issue.expected] ?? issue.expected}.`)]
  }
  return [mistake(path, issue.message)]
}

function unknownField(name: string, fields: readonly string[]): string {
  const meant = nearest(name, fields)
  return `There is no such field. ${meant === undefined ? `There are ${fields.join(', ')}.` : `Did you mean ${meant}?`}`
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  array: 'a list',
  object: 'a map of fields',
  record: 'a map',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
}
