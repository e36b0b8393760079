import { compileGlob, type Glob, hasAt, textOf, type TextMatcher } from './glob.ts'
import { type Lexicon, NO_VALUES, type Values } from './lexicon.ts'
import { BAD_POLICY, type Matcher, NO, YES } from './match.ts'
import { parseTemplate, resolve } from './variables.ts'

const COMPONENTS = 6

/** Whether a text has the form of an ARN: `arn:` and at least six components. */
export function isArn(text: string): boolean {
  return text.startsWith('arn:') && text.split(':', COMPONENTS).length === COMPONENTS
}

/**
 * Compiles a `Resource` pattern: `*`, or an ARN whose variables stand after the fifth colon (IAM user guide).
 */
export function compileResource(pattern: string, variables: boolean, lexicon: Lexicon): Matcher {
  if (pattern === '*') return () => YES
  const parts = pattern.split(':')
  const plain = { wildcards: true, variables: false }
  const components = parts.slice(0, COMPONENTS - 1).map((part) => parseTemplate(part, plain))
  const rest = parts.slice(COMPONENTS - 1).join(':')
  if (parts.length < COMPONENTS) return () => NO
  return compile([...components, parseTemplate(rest, { ...plain, variables })], lexicon)
}

/**
 * Compiles a value of `ArnEquals` or `ArnLike`, which are the same: six components, wildcards inside each, the
 * last one takes the rest with its colons. A bare `*` is any ARN. What it is asked about must be an ARN.
 */
export function compileArn(pattern: string, variables: boolean, lexicon: Lexicon): Matcher {
  if (pattern === '*') return () => YES
  const components: Glob[number][][] = [[]]
  for (const part of parseTemplate(pattern, { wildcards: true, variables })) {
    const pieces: Glob = typeof part === 'string' ? splitText(part, COMPONENTS - components.length) : [part]
    const [first, ...rest] = pieces
    if (first !== undefined) components.at(-1)?.push(first)
    for (const next of rest) components.push([next])
  }
  return components.length < COMPONENTS ? () => BAD_POLICY : compile(components, lexicon)
}

/** Splits a text at its first colons, at most so many. */
function splitText(text: string, colons: number): string[] {
  const parts = text.split(':')
  return parts.length <= colons ? parts : [...parts.slice(0, colons), parts.slice(colons).join(':')]
}

function compile(components: readonly Glob[], lexicon: Lexicon): Matcher {
  const texts = components.map(textOf)
  if (!texts.includes(undefined)) {
    const literal = texts.join(':')
    return (arn) => (arn === literal ? YES : NO)
  }
  // What is literal up to the first wildcard is compared at once: no component has a colon but the last.
  const start = texts.indexOf(undefined)
  const prefix = texts
    .slice(0, start)
    .map((text) => `${text}:`)
    .join('')
  const globs = components.slice(start).map((component) => compileGlob(component, lexicon))
  const matchers = globs.map(({ matches }) => matches)
  const variables = globs.flatMap((glob) => glob.variables)
  if (variables.length === 0) {
    return (arn) => (hasAt(arn, prefix, 0) && matches(matchers, arn, NO_VALUES) ? YES : NO)
  }
  return (arn, keys) => {
    const values = resolve(lexicon, variables, keys)
    if (typeof values === 'number') return values
    return hasAt(arn, prefix, 0) && matches(matchers, arn, values) ? YES : NO
  }
}

// Of the last ARN, where its components end: a policy asks many patterns about one ARN.
let lastArn = ''
let lastEnds: readonly number[] = []

/** Where the components of an ARN end; fewer if it has fewer. */
function endsOf(arn: string): readonly number[] {
  if (arn === lastArn) return lastEnds
  const ends: number[] = []
  for (let at = arn.indexOf(':'); at >= 0 && ends.length < COMPONENTS - 1; at = arn.indexOf(':', at + 1)) ends.push(at)
  ends.push(arn.length)
  lastArn = arn
  lastEnds = ends
  return ends
}

/** Matches the last components of an ARN. */
function matches(matchers: readonly TextMatcher[], arn: string, values: Values): boolean {
  const ends = endsOf(arn)
  if (ends.length < COMPONENTS) return false
  const first = COMPONENTS - matchers.length
  let from = first === 0 ? 0 : (ends[first - 1] ?? 0) + 1
  let component = first
  for (const matcher of matchers) {
    const end = ends[component] ?? 0
    if (!matcher(arn, from, end, values)) return false
    from = end + 1
    component += 1
  }
  return true
}
