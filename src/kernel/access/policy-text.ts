import { parsePolicy, type ParseOptions, type PolicyKind } from '../../policy/parse/parse.ts'
import { principalsIn, type PolicyPrincipals } from '../keys/policy.ts'

/**
 * Says in AWS's words why a text is no policy of a kind, or null where it is one.
 *
 * What is wrong in detail follows the sentence, where the parser knows it.
 */
export function refusePolicyText(text: string, kind: PolicyKind, options: ParseOptions = {}): string | null {
  const read = parsePolicy(text, kind, options)
  if (read.ok) return null
  const [{ message, hint, path }] = read.errors
  return hint === undefined ? message : `${message} ${path === '' ? '' : `${path}: `}${hint}`
}

/** The users, roles and sessions that a policy which can be read names as principals. */
export function principalsOf(text: string, kind: PolicyKind): readonly string[] {
  const read = parsePolicy(text, kind)
  return read.ok ? principalsIn(read.policy) : []
}

const STRING = /"(?:[^"\\]|\\.)*"/y

/**
 * A policy of a resource as it is read: to the letter as it was put, but for principals that are no more. Each of
 * those is shown by its unique id, even where another has its name now: that is not the one that the policy means
 * (IAM User Guide, "AWS JSON policy elements: Principal").
 *
 * @param idOf the unique id of whom an ARN names now; null where it names nobody
 */
export async function shownPolicy(
  text: string,
  kind: 'key' | 'trust',
  principals: PolicyPrincipals,
  idOf: (arn: string) => Promise<string | null>,
): Promise<string> {
  const gone = new Map<string, string>()
  for (const [arn, id] of Object.entries(principals)) if ((await idOf(arn)) !== id) gone.set(arn, id)
  if (gone.size === 0) return text
  const read = parsePolicy(text, kind)
  if (!read.ok) throw new Error(`INVARIANT: a stored policy can be read. ${read.errors[0].message}`)
  const lines = text.split('\n')
  const named = read.policy.statements.flatMap(({ principal }) => principal?.entries ?? [])
  // From the end, so that the places of those before stay where they are.
  for (const { value, line, column } of named.toReversed()) {
    const id = gone.get(value)
    const there = lines[line - 1]
    if (id === undefined || there === undefined) continue
    STRING.lastIndex = column - 1
    const end = column - 1 + (STRING.exec(there)?.[0].length ?? 0)
    lines[line - 1] = there.slice(0, column - 1) + JSON.stringify(id) + there.slice(end)
  }
  return lines.join('\n')
}
