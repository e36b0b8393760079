import { parseArn } from '../../domain/arn.ts'
import { authorize } from '../../policy/authorize.ts'
import { conditionKeys } from '../../policy/context.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import { roleFacts } from './role-facts.ts'

/**
 * The unique id of a role that lets a service of AWS take it on; null where there is no such role, or it does not.
 *
 * @param service such as `cloudformation.amazonaws.com`
 */
export async function roleTrusting(reads: GlobalReads, arn: string, service: string): Promise<string | null> {
  const { service: kind, account = '', resource = '' } = parseArn(arn) ?? {}
  if (kind !== 'iam' || !resource.startsWith('role/')) return null
  const role = await reads.document({ kind: 'role', account, name: resource.replace(/^.*\//, '').toLowerCase() })
  if (role === null || resource !== `role${role.path}${role.name}`) return null
  const { policy } = roleFacts(account, role)
  const { allowed } = authorize({
    request: { action: 'sts:AssumeRole', resource: arn, keys: conditionKeys({ 'aws:PrincipalIsAWSService': 'true' }) },
    caller: { type: 'service', forms: [{ kind: 'service', id: service }], hasBoundary: false },
    layers: { resource: { policy, name: 'trust policy' } },
    resourceAccount: account,
    crossAccount: true,
  })
  return allowed ? role.id : null
}
