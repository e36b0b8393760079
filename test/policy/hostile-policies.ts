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
  return text.replace(/./g, (unit) => (next() < share ? '?' : unit))
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
  const text = statement({ [operator]: { x: values } })
  return { name, text, resource: '*', keys: { ...keys, x }, outcome: 'NoMatch' }
}

// A `c` at the beginning of a text lets patterns fail by their last unit, and no sooner.
const ONE_LETTER = 'a'.repeat(256)
const TWO_LETTERS = `c${letters('ab', 255)}`
const FOUR_LETTERS = `e${letters('abcd', 255)}`
/** A `b` after each nineteen `a`. */
const PERIODIC = `c${'a'.repeat(19)}${`b${'a'.repeat(19)}`.repeat(11)}`

/** Fits a text with a period but for one unit in each phase, wherever that is. */
function misfit(period: number, length: number): string {
  const misfits = Array.from({ length: period }, (_, phase) => phase + period * Math.floor(next() * (length / period)))
  return Array.from({ length }, (_, at) => (misfits.includes(at) || next() < 0.5 ? 'a' : '?')).join('')
}

/** A part of a text. */
function part(text: string, length: number): string {
  const from = 1 + Math.floor(next() * (text.length - length))
  return text.slice(from, from + length)
}

const manyStars = full(() => '*a*a*a*a*a*a*a*a*a*a*a*a*b')
const questionMarks = full(() => '*a?a?a?a?a?a?a?a?b*')
const misfits = full(() => `*${misfit(20, 40)}*`)

/** Where backtracking would take years, or each pattern as many steps as the text has units. */
export const HOSTILE_PATTERNS: readonly HostilePolicy[] = [
  patterns('many stars', ONE_LETTER, manyStars),
  patterns('stars and question marks', ONE_LETTER, questionMarks),
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
    'stars, all different',
    TWO_LETTERS,
    full(() => `${letters('ab', 80).replace(/./g, '*$&')}*c*`),
  ),
  patterns(
    'question marks anywhere',
    `${ONE_LETTER}b`,
    full(() => `*${blurred('a'.repeat(20), 0.5)}b?*`),
  ),
  patterns('question marks, periodic text', PERIODIC, misfits),
  patterns(
    'question marks, periodic text, long parts',
    PERIODIC,
    full(() => `*${misfit(20, 200)}*`),
  ),
  patterns(
    'short parts of two letters',
    TWO_LETTERS,
    full(() => `*${letters('ab', 5)}?${letters('ab', 3)}c*`),
  ),
  patterns(
    'parts of two letters',
    TWO_LETTERS,
    full(() => `*${blurred(letters('ab', 24), 0.3)}c*`),
  ),
  patterns(
    'parts of the text',
    TWO_LETTERS,
    full(() => `*${blurred(part(TWO_LETTERS, 24), 0.1)}c*`),
  ),
  patterns(
    'parts of a text of four letters',
    FOUR_LETTERS,
    full(() => `*${blurred(part(FOUR_LETTERS, 30), 0.1)}e*`),
  ),
  patterns(
    'parts after parts',
    TWO_LETTERS,
    full(() => `*${letters('ab', 5)}*${part(TWO_LETTERS, 40)}${letters('ab', 9)}c*`),
  ),
  patterns(
    'parts between stars',
    TWO_LETTERS,
    full(() => `${[0, 1, 2, 3, 4].map(() => `*${letters('ab?', 6)}`).join('')}*c*`),
  ),
  patterns(
    'beginnings',
    `${ONE_LETTER}b`,
    full(() => `${blurred('a'.repeat(60), 0.5)}b*`),
  ),
  patterns(
    'endings',
    `b${ONE_LETTER}`,
    full(() => `*b${blurred('a'.repeat(60), 0.5)}`),
  ),
  patterns(
    'variables and question marks',
    PERIODIC,
    full(() => `*\${y}${misfit(20, 40)}\${y}*`),
    { y: 'aaa' },
  ),
  patterns(
    'variables many times',
    `${ONE_LETTER}b`,
    full((index) => `*${'${y}?'.repeat(9 + (index % 40))}b?*`),
    { y: 'aaaaa' },
  ),
  patterns(
    'variables and stars',
    `b${ONE_LETTER}`,
    full(() => `*\${y}*${blurred('aaaaaaa', 0.5)}\${y}*b*`),
    { y: 'aaa' },
  ),
  patterns(
    'variables alone',
    `${ONE_LETTER}b`,
    full((index) => `${'${y}'.repeat(20)}${'a'.repeat(index % 150)}ba`),
    { y: 'aaaaa' },
  ),
  patterns(
    'texts with variables',
    ONE_LETTER,
    full((index) => `\${y}${'a'.repeat(59)}${1e4 + index}`),
    {
      operator: 'StringEquals',
      y: 'a'.repeat(192),
    },
  ),
  patterns(
    'texts with variables, in any case',
    ONE_LETTER,
    full((index) => `\${y}${1e4 + index}`),
    {
      operator: 'StringEqualsIgnoreCase',
      y: 'a'.repeat(251),
    },
  ),
  patterns(
    'thousands of variables',
    PERIODIC,
    full((index) => `*\${y${index}}?c*`),
    Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`y${index}`, letters('aaaaaaaaaaab', 20)])),
  ),
  patterns(
    'ARNs',
    `arn:aws:kms:eu-west-1:111122223333:key/${PERIODIC}`,
    full(() => `arn:*:*:*:*:*${misfit(20, 40)}*`),
    {
      operator: 'ArnLike',
    },
  ),
  patterns(
    'short ARNs',
    `arn:aws:kms:eu-west-1:111122223333:key/${TWO_LETTERS}`,
    full(() => `arn:*:*:*:*:*${letters('ab', 6)}?b?c*`),
    {
      operator: 'ArnLike',
    },
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
    {
      operator: 'BinaryEquals',
    },
  ),
]

/** Longer than any name and ARN: what they cost grows with the text. The last is as long as a request may be. */
export const LONG_TEXTS: readonly HostilePolicy[] = [2048, 16_384, 65_535].flatMap((length) => [
  patterns(`stars and question marks, ${length} units`, 'a'.repeat(length), questionMarks),
  patterns(`question marks, periodic text, ${length} units`, `${'a'.repeat(19)}b`.repeat(length / 20), misfits),
])

/** Thousands of values, the last of which matches. */
export const MANY_VALUES: HostilePolicy = {
  name: 'thousands of literal values',
  text: statement({ StringEquals: { x: full((index) => `value-${index}`) } }),
  resource: '*',
  keys: { x: 'value-2000' },
  outcome: 'Allow',
}

/** Thousands of conditions, all of which hold. */
const MANY_CONDITIONS: HostilePolicy = {
  name: 'thousands of conditions',
  text: statement({
    StringLikeIfExists: Object.fromEntries(full((index) => `key${index}-----`).map((key) => [key, 'a'])),
  }),
  resource: '*',
  keys: {},
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

/** Hundreds of statements that ask for two keys in turn. */
const TWO_TEXTS: HostilePolicy = {
  name: 'hundreds of statements about two texts',
  text: JSON.stringify({
    Statement: Array.from({ length: 280 }, (_, index) => ({
      Effect: 'Allow',
      Principal: '*',
      Action: 'kms:*',
      Resource: '*',
      Condition: { StringLike: { [index % 2 === 0 ? 'x' : 'y']: `*a?${letters('a?', 8)}b?*` } },
    })),
  }),
  resource: '*',
  keys: { x: `${ONE_LETTER}b`, y: `${ONE_LETTER}ab` },
  outcome: 'NoMatch',
}

/** All that cost what the policy is long, and no more. */
export const HOSTILE_POLICIES: readonly HostilePolicy[] = [
  ...HOSTILE_PATTERNS,
  MANY_VALUES,
  MANY_CONDITIONS,
  MANY_STATEMENTS,
  TWO_TEXTS,
]
