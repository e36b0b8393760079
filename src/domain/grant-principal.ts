import { parseArn } from './arn.ts'
import { PARTITION } from './region.ts'

/** Why a text cannot name a principal of a grant. */
export type GrantPrincipalRefusal = 'not-an-arn' | 'not-valid' | 'no-principal'

const NAME = /^[\w+=,.@-]+$/
/** No service calls here, so that nothing is given by naming one. */
const SERVICE = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com$/
const SESSION_ID = /^AROA[A-Z2-7]{12,}:[\w+=,.@-]+$/

/**
 * Says why `text` cannot name the grantee or retiring principal of a grant, or null where it can.
 *
 * Grants name accounts by their root, users, roles, sessions of roles, federated users and services of AWS; never
 * groups, organizations or everyone. A session's ARN has no path.
 */
export function refuseGrantPrincipal(text: string): GrantPrincipalRefusal | null {
  if (SESSION_ID.test(text) || isServicePrincipal(text)) return null
  const arn = parseArn(text)
  if (arn === null) return 'not-an-arn'
  if (arn.partition !== PARTITION || arn.region !== '' || !/^\d{12}$/.test(arn.account)) return 'not-valid'
  const [type = '', ...names] = arn.resource.split('/')
  if (names.some((name) => !NAME.test(name))) return 'not-valid'
  if (arn.service === 'iam') {
    if (arn.resource === 'root') return null
    return (type === 'user' || type === 'role') && names.length > 0 ? null : 'no-principal'
  }
  if (arn.service !== 'sts') return 'no-principal'
  if (type === 'assumed-role') return names.length === 2 ? null : 'not-valid'
  if (type === 'federated-user') return names.length === 1 ? null : 'not-valid'
  return 'no-principal'
}

/** Says whether a text names a service of AWS, perhaps in one Region: `dynamodb.us-west-1.amazonaws.com`. */
export function isServicePrincipal(text: string): boolean {
  return SERVICE.test(text)
}
