import {
  isServicePrincipal,
  refuseGrantPrincipal,
  type GrantPrincipalRefusal,
} from '../../../domain/grant-principal.ts'
import type { GrantPrincipal } from '../../../domain/grant.ts'
import { parseArn } from '../../../domain/arn.ts'
import type { Reads } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'

type Member = 'GranteePrincipal' | 'RetiringPrincipal'

const refused: Readonly<Record<GrantPrincipalRefusal, (text: string, member: Member) => string>> = {
  'not-an-arn': (_text, member) => `${member} does not refer to a valid principal.`,
  'not-valid': (text) => `ARN is not valid: ${text}`,
  'no-principal': (text) => `ARN does not refer to a valid principal: ${text}`,
}

/**
 * Finds somebody whom a grant names, or shall name, as who that is now. A text that is a unique id is itself one.
 *
 * A session need not have begun. Accounts are not looked up, as in key policies.
 *
 * @throws InvalidArnException where the text names nobody
 */
export async function findGrantPrincipal(
  text: string,
  member: Member,
  reads: Pick<Reads, 'principalId'>,
): Promise<GrantPrincipal> {
  const isId = isUniqueId(text)
  const refusal = isId ? null : refuseGrantPrincipal(text)
  if (refusal !== null) throw errors.InvalidArnException(refused[refusal](text, member))
  if (isServicePrincipal(text)) return { arn: text, kind: 'service', id: text }
  if (parseArn(text)?.resource === 'root') return { arn: text, kind: 'account', id: text }
  const id = await reads.principalId(text)
  if (id !== null) return { arn: text, kind: kindOf(id), id }
  throw errors.InvalidArnException(
    isId ? 'Input does not refer to a valid principal' : refused['no-principal'](text, member),
  )
}

const UNIQUE_ID = /^(?:AIDA|AROA)[A-Z2-7]{12,}(?::[\w+=,.@-]+)?$/

/** Says whether a text is a unique id: of a user, a role, or a session of one. */
export function isUniqueId(text: string): boolean {
  return UNIQUE_ID.test(text)
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
  return kind === 'account' || kind === 'service' || (await reads.principalId(arn)) === id ? arn : id
}
