import type { Role } from '../domain/identity.ts'
import { roleArn } from '../domain/identity-arn.ts'
import { compilePolicy } from '../policy/compile.ts'
import { parsePolicy } from '../policy/parse.ts'
import type { GlobalReads } from '../storage/global-store.ts'
import { principalsIn } from './key-policy.ts'
import type { RoleFacts } from './operation.ts'
import { principalId } from './principal-id.ts'

/** What deciding who may take on a role depends on. A principal of its trust policy that is no more matches nobody. */
export async function roleFacts(reads: GlobalReads, account: string, role: Role): Promise<RoleFacts> {
  const parsed = parsePolicy(role.trustPolicy, 'trust')
  if (!parsed.ok) throw new Error(`INVARIANT: a stored trust policy can be read. ${parsed.errors[0].message}`)
  const principals = new Map<string, string>()
  for (const arn of principalsIn(parsed.policy)) principals.set(arn, (await principalId(reads, arn)) ?? arn)
  return {
    arn: roleArn(account, role),
    account,
    policy: compilePolicy(parsed.policy, { resolvePrincipal: (arn) => principals.get(arn) ?? arn }),
    tags: role.tags,
  }
}
