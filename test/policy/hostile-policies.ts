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

function conditioned(values: readonly string[], operator: string): string {
  const Condition = { [operator]: { x: values } }
  const statement = { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*', Condition }
  return JSON.stringify({ Version: '2012-10-17', Statement: statement })
}

/** A key policy that was written to be slow, and what is asked of it: `kms:Encrypt` with one condition key, `x`. */
export interface HostilePolicy {
  readonly name: string
  readonly text: string
  readonly resource: string
  readonly x: string
}

const like = (name: string, patterns: readonly string[], operator = 'StringLike'): HostilePolicy => ({
  name,
  text: conditioned(patterns, operator),
  resource: '*',
  x: 'a'.repeat(256),
})

/** As long as a key policy may be, each in its own way; backtracking would take years over some of them. */
export const HOSTILE_PATTERNS: readonly HostilePolicy[] = [
  like(
    'many stars',
    full(() => '*a*a*a*a*a*a*a*a*a*a*a*a*b'),
  ),
  like(
    'stars and question marks',
    full(() => '*a?a?a?a?a?a?a?a?b*'),
  ),
  like(
    'long parts',
    full((index) => `*${'a'.repeat(100)}${index}*`),
  ),
  like(
    'variables',
    full(() => '*${x}*b'),
  ),
  like('one long pattern', [`${'*a'.repeat(16_000)}b`]),
  like('one long part', [`*${'a?'.repeat(60)}b*`]),
]

/** Thousands of values, the last of which matches. */
export const MANY_VALUES: HostilePolicy = {
  ...like(
    'thousands of literal values',
    full((index) => `value-${index}`),
    'StringEquals',
  ),
  x: 'value-2000',
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
  x: '',
}
