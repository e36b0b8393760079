import { parseArn } from '../../domain/arn.ts'
import { PARTITION } from '../../domain/region.ts'
import type { GlobalReads } from '../../storage/global-store.ts'

const UNIQUE_ID = /^((AIDA|AROA)[A-Z2-7]{12,})(?::[\w+=,.@-]+)?$/

/** The account of the user or role, or of a session's role, that has a unique id; null where there is none. */
export async function accountOfPrincipal(reads: GlobalReads, principal: string): Promise<string | null> {
  const [, id, kind] = UNIQUE_ID.exec(principal) ?? []
  if (id === undefined) return null
  return (await reads.documentById(kind === 'AIDA' ? 'user' : 'role', id))?.account ?? null
}

/**
 * The unique id behind a principal of a policy: what stays with it when its name is given to another.
 *
 * A federated session has no id but its ARN. Null where there is no such user, role or session's role; accounts,
 * groups and wildcards are none of these.
 */
export async function principalId(reads: GlobalReads, principal: string): Promise<string | null> {
  if (UNIQUE_ID.test(principal)) return (await accountOfPrincipal(reads, principal)) === null ? null : principal
  const arn = parseArn(principal)
  if (arn === null || arn.partition !== PARTITION || arn.region !== '') return null
  const { account, resource } = arn
  const [type = '', ...rest] = resource.split('/')
  const name = (rest.at(-1) ?? '').toLowerCase()
  if (arn.service === 'iam' && (type === 'user' || type === 'role')) {
    const found = await reads.document({ kind: type, account, name })
    return found !== null && resource === `${type}${found.path}${found.name}` ? found.id : null
  }
  if (arn.service !== 'sts') return null
  if (type === 'federated-user' && rest.length === 1) return principal
  const [role, session] = rest
  if (type !== 'assumed-role' || role === undefined || session === undefined || rest.length > 2) return null
  const found = await reads.document({ kind: 'role', account, name: role.toLowerCase() })
  return found?.name === role ? `${found.id}:${session}` : null
}
