import type { ConditionValue } from '../../src/policy/context.ts'

/** A key policy that was written to be slow, and what is asked of it: `kms:Encrypt` with some condition keys. */
export interface HostilePolicy {
  readonly name: string
  readonly text: string
  readonly resource: string
  readonly keys: Readonly<Record<string, ConditionValue>>
  readonly outcome: 'Allow' | 'NoMatch'
}

/** Fills the 32 KiB that a key policy may have with one kind of pattern. */
function full(pattern: (index: number) => string): string[] {
  const patterns: string[] = []
  for (let length = 0; length < 32_000;) {
    const next = pattern(patterns.length)
    patterns.push(next)
    length += next.length + 3
  }
  return patterns
}

/** The same numbers from 0 to 1 each time. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const next = random(1)

/** Letters by chance, of an alphabet in which some may be there more often. */
function letters(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet.charAt(Math.floor(next() * alphabet.length))).join('')
}

/** A text in which by chance some units are unknown. */
function blurred(text: string, share: number): string {
  return [...text].map((unit) => (next() < share ? '?' : unit)).join('')
}

function statement(Condition: object): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*', Condition },
  })
}

/** Patterns for the key `x` none of which matches. */
function patterns(
  name: string,
  x: string,
  values: readonly string[],
  { operator = 'StringLike', ...keys }: Readonly<Record<string, string>> = {},
): HostilePolicy {
  return {
    name,
    text: statement({ [operator]: { x: values } }),
    resource: '*',
    keys: { ...keys, x },
    outcome: 'NoMatch',
  }
}

const ONE_LETTER = 'a'.repeat(256)
const TWO_LETTERS = letters('ab', 256)
const FOUR_LETTERS = letters('abcd', 256)
/** A `b` after each nineteen `a`. */
const PERIODIC = `${'a'.repeat(19)}b`.repeat(12)

/** Fits a text with a period but for one unit in each phase, wherever that is. */
function misfit(period: number, length: number): string {
  const kept = new Set(
    Array.from({ length: period }, (_, phase) => phase + period * Math.floor(next() * (length / period))),
  )
  return Array.from({ length }, (_, at) => (kept.has(at) || next() < 0.5 ? 'a' : '?')).join('')
}

/** A part of a text that is different in one unit, towards its end. */
function almost(text: string, length: number, other: string): string {
  const from = Math.floor(next() * (text.length - length))
  const at = length - 1 - Math.floor(next() * 3)
  return text.slice(from, from + at) + other + text.slice(from + at + 1, from + length)
}

/** Where backtracking would take years, or each pattern as many steps as the text has units. */
export const HOSTILE_PATTERNS: readonly HostilePolicy[] = [
  patterns(
    'many stars',
    ONE_LETTER,
    full(() => '*a*a*a*a*a*a*a*a*a*a*a*a*b'),
  ),
  patterns(
    'stars and question marks',
    ONE_LETTER,
    full(() => '*a?a?a?a?a?a?a?a?b*'),
  ),
  patterns(
    'long parts',
    ONE_LETTER,
    full((index) => `*${'a'.repeat(100)}${index}*`),
  ),
  patterns(
    'variables',
    ONE_LETTER,
    full(() => '*${x}*b'),
  ),
  patterns('one long pattern', ONE_LETTER, [`${'*a'.repeat(16_000)}b`]),
  patterns('one long part', ONE_LETTER, [`*${'a?'.repeat(60)}b*`]),
  patterns(
    'many stars, all different',
    TWO_LETTERS,
    full(() => `*${[...letters('ab', 190)].join('*')}`),
  ),
  patterns(
    'question marks anywhere, one letter but the last',
    `${ONE_LETTER}b`,
    full(() => `*${blurred('a'.repeat(20), 0.5)}b?*`),
  ),
  patterns(
    'question marks anywhere, a periodic text',
    PERIODIC,
    full(() => `*${misfit(20, 40)}*`),
  ),
  patterns(
    'question marks anywhere, a periodic text, long parts',
    PERIODIC,
    full(() => `*${misfit(20, 200)}*`),
  ),
  patterns(
    'parts of two letters',
    TWO_LETTERS,
    full(() => `*${blurred(letters('ab', 24), 0.3)}*`),
  ),
  patterns(
    'parts of the text, different at the end',
    TWO_LETTERS,
    full(() => `*${blurred(almost(TWO_LETTERS, 24, 'a'), 0.1)}c*`),
  ),
  patterns(
    'parts of the text, two letters',
    TWO_LETTERS,
    full(() => `*${letters('ab', 6)}*${almost(TWO_LETTERS, 60, '?')}${letters('ab', 9)}*`),
  ),
  patterns(
    'parts of the text, four letters',
    FOUR_LETTERS,
    full(() => `*${blurred(almost(FOUR_LETTERS, 30, 'ab'), 0.1)}${letters('abcd', 6)}*`),
  ),
  patterns(
    'short parts',
    `${ONE_LETTER}b`,
    full(() => `*${letters('aaab', 3)}b${letters('aaab', 3)}*`),
  ),
  patterns(
    'short parts with stars',
    TWO_LETTERS,
    full(
      () => `*${letters('ab', 6)}*${letters('ab', 6)}*${letters('ab', 7)}*${letters('ab', 8)}*${letters('ab', 11)}*`,
    ),
  ),
  patterns(
    'beginnings',
    ONE_LETTER,
    full((index) => `${blurred('a'.repeat(60), 0.5)}${index}*`),
  ),
  patterns(
    'endings',
    ONE_LETTER,
    full((index) => `*${index}${'a'.repeat(60)}`),
  ),
  patterns(
    'variables among question marks',
    PERIODIC,
    full(() => `*\${y}${misfit(20, 40)}\${y}*`),
    { y: 'aaa' },
  ),
  patterns(
    'variables many times',
    ONE_LETTER,
    full((index) => `*${'${y}?'.repeat(9 + (index % 40))}b*`),
    { y: 'aaaaa' },
  ),
  patterns(
    'variables and stars',
    ONE_LETTER,
    full((index) => `\${y}*\${y}*${blurred('aaaaaaa', 0.5)}\${y}*${index}`),
    { y: 'aaa' },
  ),
  patterns(
    'variables alone',
    ONE_LETTER,
    full((index) => `${'${y}'.repeat(20)}${'a'.repeat(index % 150)}?a`),
    { y: 'aaaaa' },
  ),
  patterns(
    'equal texts with variables',
    ONE_LETTER,
    full((index) => `\${y}${'a'.repeat(59)}${1e4 + index}`),
    { operator: 'StringEquals', y: 'a'.repeat(192) },
  ),
  patterns(
    'equal texts with variables, in any case',
    ONE_LETTER,
    full((index) => `\${y}${1e4 + index}`),
    { operator: 'StringEqualsIgnoreCase', y: 'a'.repeat(251) },
  ),
  {
    ...patterns(
      'thousands of variables',
      ONE_LETTER,
      full((index) => `*\${y${index}}?b*`),
    ),
    keys: {
      ...Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`y${index}`, letters('aaaaaaaaaaab', 20)])),
      x: `${PERIODIC}b`,
    },
  },
  patterns(
    'ARNs',
    `arn:aws:kms:eu-west-1:111122223333:key/${PERIODIC.slice(40)}`,
    full(() => `arn:*:*:*:*:*${misfit(20, 40)}*`),
    { operator: 'ArnLike' },
  ),
  patterns(
    'short ARNs',
    `arn:aws:kms:eu-west-1:111122223333:key/${TWO_LETTERS}`,
    full(() => `arn:*:*?*:*:*:*${letters('ab', 9)}?b`),
    { operator: 'ArnLike' },
  ),
  patterns(
    'numbers',
    '-1',
    full((index) => `${index}.5e1`),
    { operator: 'NumericEquals' },
  ),
  patterns(
    'dates',
    '2026-01-01T00:00:00Z',
    full((index) => `2025-01-01T00:00:00.${index}Z`),
    { operator: 'DateEquals' },
  ),
  patterns(
    'networks',
    '10.1.2.3',
    full((index) => `11.${index & 255}.${index >> 8}.0/24`),
    { operator: 'IpAddress' },
  ),
  patterns(
    'binary values',
    'AQIDBA==',
    full((index) => Buffer.from(`${index}`).toString('base64')),
    { operator: 'BinaryEquals' },
  ),
]

/** Longer texts than names and ARNs are: their cost grows with them. */
export const LONG_TEXTS: readonly HostilePolicy[] = [2048, 16_384, 1_000_000].flatMap((length) => [
  patterns(
    `stars and question marks, ${length} units`,
    'a'.repeat(length),
    full(() => '*a?a?a?a?a?a?a?a?b*'),
  ),
  patterns(
    `question marks anywhere, ${length} units`,
    PERIODIC.repeat(length / 240),
    full(() => `*${misfit(20, 40)}*`),
  ),
])

/** Thousands of values, the last of which matches. */
export const MANY_VALUES: HostilePolicy = {
  ...patterns(
    'thousands of literal values',
    'value-2000',
    full((index) => `value-${index}`),
    { operator: 'StringEquals' },
  ),
  outcome: 'Allow',
}

/** Thousands of conditions, all of which hold. */
export const MANY_CONDITIONS: HostilePolicy = {
  ...patterns('thousands of conditions', '', []),
  text: statement({
    StringLikeIfExists: Object.fromEntries(full((index) => `key${index}-----`).map((key) => [key, 'a'])),
  }),
  outcome: 'Allow',
}

/** Hundreds of statements, each with wildcards in its resource. */
export const MANY_STATEMENTS: HostilePolicy = {
  name: 'hundreds of statements',
  text: JSON.stringify({
    Statement: Array.from({ length: 300 }, () => ({
      Effect: 'Allow',
      Principal: '*',
      Action: 'kms:*',
      Resource: 'arn:aws:kms:*:*:*a*b*c*d',
    })),
  }),
  resource: `arn:aws:kms:eu-west-1:111122223333:key/${'abc'.repeat(50)}`,
  keys: {},
  outcome: 'NoMatch',
}

/** Hundreds of statements that ask for another key in turn. */
export const TWO_TEXTS: HostilePolicy = {
  ...MANY_STATEMENTS,
  name: 'hundreds of statements about two texts in turn',
  text: JSON.stringify({
    Statement: Array.from({ length: 280 }, (_, index) => ({
      Effect: 'Allow',
      Principal: '*',
      Action: 'kms:*',
      Resource: '*',
      Condition: { StringLike: { [index % 2 === 0 ? 'x' : 'y']: `*a?${letters('a?', 8)}b*` } },
    })),
  }),
  keys: { x: ONE_LETTER, y: `${ONE_LETTER}a` },
}
