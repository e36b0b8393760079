import { refuseGrantPrincipal, type GrantPrincipalRefusal } from '../../domain/grant-principal.ts'
import type { GrantPrincipal } from '../../domain/grant.ts'
import { parseArn } from '../../domain/arn.ts'
import type { Reads } from '../../kernel/operation.ts'
import { errors } from './errors.ts'

type Member = 'GranteePrincipal' | 'RetiringPrincipal'

const refused: Readonly<Record<GrantPrincipalRefusal, (text: string, member: Member) => string>> = {
  'not-an-arn': (_text, member) => `${member} does not refer to a valid principal.`,
  'not-valid': (text) => `ARN is not valid: ${text}`,
  'no-principal': (text) => `ARN does not refer to a valid principal: ${text}`,
}

/**
 * Accepts somebody whom a grant shall name, and remembers who that is now.
 *
 * A session need not have begun. Accounts are not looked up, as in key policies.
 *
 * @throws InvalidArnException where the text names nobody
 */
export async function acceptGrantPrincipal(
  text: string,
  member: Member,
  reads: Pick<Reads, 'principalId'>,
): Promise<GrantPrincipal> {
  const found = await findGrantPrincipal(text, member, reads)
  if (found !== null) return found
  throw errors.InvalidArnException(refused['no-principal'](text, member))
}

/**
 * Who a text names now; null where it could name somebody and does not.
 *
 * @throws InvalidArnException where it could not
 */
export async function findGrantPrincipal(
  text: string,
  member: Member,
  reads: Pick<Reads, 'principalId'>,
): Promise<GrantPrincipal | null> {
  const refusal = refuseGrantPrincipal(text)
  if (refusal !== null) throw errors.InvalidArnException(refused[refusal](text, member))
  if (parseArn(text)?.resource === 'root') return { arn: text, kind: 'account', id: text }
  const id = await reads.principalId(text)
  return id === null ? null : { arn: text, kind: kindOf(id), id }
}

const UNIQUE_ID = /^(?:AIDA|AROA)[A-Z2-7]{12,}(?::[\w+=,.@-]+)?$/

/**
 * The unique id by which grants to somebody are found.
 *
 * Grants to somebody who is no more are shown with that id, and are found by it.
 */
export async function idOfGrantPrincipal(
  text: string,
  member: Member,
  reads: Pick<Reads, 'principalId'>,
): Promise<string> {
  if (UNIQUE_ID.test(text)) return text
  return (await findGrantPrincipal(text, member, reads))?.id ?? text
}

/** As what a unique id stands for its principal. A federated user has an ARN instead, and is a session. */
function kindOf(id: string): GrantPrincipal['kind'] {
  if (id.startsWith('AIDA')) return 'user'
  return /^AROA[^:]*$/.test(id) ? 'role' : 'session'
}

/** A principal as it is shown: by its ARN while that means it, and by its unique id from then on. */
export async function showGrantPrincipal(
  { arn, kind, id }: GrantPrincipal,
  reads: Pick<Reads, 'principalId'>,
): Promise<string> {
  return kind === 'account' || (await reads.principalId(arn)) === id ? arn : id
}
