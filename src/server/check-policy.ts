import { parsePolicy } from '../policy/parse.ts'

/** The kinds of policy that can be checked. */
export const CHECKED_KINDS = ['key', 'identity', 'trust', 'session', 'boundary', 'scp', 'rcp'] as const

/** What is wrong with a policy: a line for each, with line, column, sentence and hint. */
export function checkPolicy(text: string, kind: (typeof CHECKED_KINDS)[number]): readonly string[] {
  const parsed = parsePolicy(text, kind)
  if (parsed.ok) return []
  return parsed.errors.map(
    ({ line, column, message, hint }) => `${line}:${column}: ${message}${hint === undefined ? '' : ` (${hint})`}`,
  )
}
