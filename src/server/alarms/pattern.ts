/** Says whether an event is one of those that a pattern describes. */
export type EventMatcher = (event: unknown) => boolean

/** Says whether one of the values at a place in an event will do; none are there where the place is missing. */
type ValueMatcher = (values: readonly unknown[]) => boolean

/** A pattern that cannot be. */
export class PatternError extends Error {
  /** The names that lead to the mistake. */
  readonly path: readonly string[]

  constructor(path: readonly string[], message: string) {
    super(message)
    this.path = path
  }
}

/** Deeper than any event. */
const MAX_DEPTH = 20

/**
 * Compiles an event pattern as EventBridge has them (Amazon EventBridge User Guide, "Event patterns"): every field that
 * it names must have one of the values that it lists, or one that does as it says.
 *
 * @throws PatternError
 */
export function compilePattern(pattern: unknown, path: readonly string[] = []): EventMatcher {
  if (!isObject(pattern)) throw new PatternError(path, `${shown(pattern)} is no pattern: give an object of fields.`)
  if (path.length > MAX_DEPTH) throw new PatternError(path, 'The pattern is nested too deeply.')
  const fields = Object.entries(pattern)
  if (fields.length === 0) throw new PatternError(path, 'An empty pattern describes nothing: name a field.')
  const matchers = fields.map(([name, value]) => compileField(name, value, [...path, name]))
  return (event) => matchers.every((matches) => matches(event))
}

function compileField(name: string, value: unknown, path: readonly string[]): EventMatcher {
  if (name === '$or') return compileAlternatives(value, path)
  if (!Array.isArray(value)) {
    if (!isObject(value)) {
      throw new PatternError(path, `${shown(value)} stands alone: put it into a list, [${shown(value)}].`)
    }
    const inner = compilePattern(value, path)
    // In a list of objects, one of them is enough.
    return (event) => {
      const within = valuesAt(event, name)
      return within.length === 0 ? inner({}) : within.some(inner)
    }
  }
  if (value.length === 0) throw new PatternError(path, 'The list is empty: no event would do.')
  const matchers = value.map((item) => compileValue(item, path))
  return (event) => {
    const values = valuesAt(event, name)
    return matchers.some((matches) => matches(values))
  }
}

function compileAlternatives(value: unknown, path: readonly string[]): EventMatcher {
  if (!Array.isArray(value) || value.length < 2) {
    throw new PatternError(path, '$or has a list of two patterns or more.')
  }
  const alternatives = value.map((each, number) => compilePattern(each, [...path, String(number)]))
  return (event) => alternatives.some((matches) => matches(event))
}

/** The values of a field, those of a list one by one. */
function valuesAt(event: unknown, name: string): readonly unknown[] {
  if (Array.isArray(event)) return event.flatMap((each) => valuesAt(each, name))
  if (!isObject(event) || !Object.hasOwn(event, name)) return []
  const value = event[name]
  return Array.isArray(value) ? value : [value]
}

function compileValue(item: unknown, path: readonly string[]): ValueMatcher {
  if (!isObject(item)) {
    if (Array.isArray(item)) throw new PatternError(path, 'A list in a list describes nothing.')
    return (values) => values.includes(item)
  }
  const [entry, more] = Object.entries(item)
  if (entry === undefined || more !== undefined) {
    throw new PatternError(path, `${shown(item)} must have one of ${OPERATORS}, and nothing else.`)
  }
  const [operator, operand] = entry
  if (operator === 'exists') {
    if (typeof operand !== 'boolean')
      throw new PatternError(path, `"exists" is true or false, and not ${shown(operand)}.`)
    return (values) => values.length > 0 === operand
  }
  if (operator === 'anything-but') {
    const isExcluded = compileExcluded(operand, path)
    return (values) => values.length > 0 && !values.some(isExcluded)
  }
  const test = compileTest(operator, operand, path)
  return (values) => values.some(test)
}

type Test = (value: unknown) => boolean

/** What can be asked of a text. */
const TEXT_TESTS: Readonly<Record<string, (operand: string) => (text: string) => boolean>> = {
  prefix: (operand) => (text) => text.startsWith(operand),
  suffix: (operand) => (text) => text.endsWith(operand),
  'equals-ignore-case': (operand) => (text) => text.toLowerCase() === operand.toLowerCase(),
  wildcard: (operand) => (text) => matchesWildcard(text, operand.split('*')),
}
const OPERATORS = [...Object.keys(TEXT_TESTS), 'anything-but', 'exists', 'numeric'].join(', ')

function compileTest(operator: string, operand: unknown, path: readonly string[]): Test {
  if (operator === 'numeric') return compileNumeric(operand, path)
  const make = Object.hasOwn(TEXT_TESTS, operator) ? TEXT_TESTS[operator] : undefined
  if (make === undefined) throw new PatternError(path, `"${operator}" is none of ${OPERATORS}.`)
  if (typeof operand !== 'string' || operand === '') {
    throw new PatternError(path, `"${operator}" has a text, and not ${shown(operand)}.`)
  }
  const test = make(operand)
  return (value) => typeof value === 'string' && test(value)
}

function compileExcluded(operand: unknown, path: readonly string[]): Test {
  if (isObject(operand)) {
    const [entry, more] = Object.entries(operand)
    if (entry === undefined || more !== undefined || entry[0] === 'numeric') {
      throw new PatternError(path, `"anything-but" has values or one of ${Object.keys(TEXT_TESTS).join(', ')}.`)
    }
    return compileTest(...entry, path)
  }
  const excluded: readonly unknown[] = Array.isArray(operand) ? operand : [operand]
  if (excluded.length === 0 || !excluded.every((each) => typeof each === 'string' || typeof each === 'number')) {
    throw new PatternError(path, `"anything-but" has texts or numbers, and not ${shown(operand)}.`)
  }
  return (value) => excluded.some((each) => each === value)
}

const COMPARISONS: Readonly<Record<string, (one: number, other: number) => boolean>> = {
  '=': (one, other) => one === other,
  '<': (one, other) => one < other,
  '<=': (one, other) => one <= other,
  '>': (one, other) => one > other,
  '>=': (one, other) => one >= other,
}

function compileNumeric(operand: unknown, path: readonly string[]): Test {
  const parts: readonly unknown[] = Array.isArray(operand) ? operand : []
  const tests: ((value: number) => boolean)[] = []
  for (let at = 0; at < parts.length; at += 2) {
    const [sign, bound] = parts.slice(at, at + 2)
    const compare = typeof sign === 'string' ? COMPARISONS[sign] : undefined
    if (compare === undefined || typeof bound !== 'number') return refuseNumeric(operand, path)
    tests.push((value) => compare(value, bound))
  }
  if (tests.length === 0 || tests.length > 2) return refuseNumeric(operand, path)
  return (value) => typeof value === 'number' && tests.every((test) => test(value))
}

function refuseNumeric(operand: unknown, path: readonly string[]): never {
  throw new PatternError(
    path,
    `"numeric" has one or two comparisons, such as [">", 0, "<=", 5], and not ${shown(operand)}.`,
  )
}

/** The parts follow each other in the text, the first at its beginning and the last at its end. */
function matchesWildcard(text: string, parts: readonly string[]): boolean {
  const [first = '', ...others] = parts
  const last = others.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false
  const end = text.length - last.length
  let from = first.length
  for (const part of others) {
    const at = text.indexOf(part, from)
    if (at < 0 || at + part.length > end) return false
    from = at + part.length
  }
  return true
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function shown(value: unknown): string {
  return JSON.stringify(value)
}
