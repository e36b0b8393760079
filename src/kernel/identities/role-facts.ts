import type { Role } from '../../domain/identity.ts'
import { roleArn } from '../../domain/identity-arn.ts'
import { compilePolicy } from '../../policy/compile.ts'
import { parsePolicy } from '../../policy/parse/parse.ts'
import type { RoleFacts } from '../access/need.ts'

/** What deciding who may take on a role depends on. */
export function roleFacts(account: string, role: Role): RoleFacts {
  const parsed = parsePolicy(role.trustPolicy, 'trust')
  if (!parsed.ok) throw new Error(`INVARIANT: a stored trust policy can be read. ${parsed.errors[0].message}`)
  return {
    arn: roleArn(account, role),
    account,
    policy: compilePolicy(parsed.policy, { resolvePrincipal: (arn) => role.trustPrincipals[arn] ?? arn }),
    principals: role.trustPrincipals,
    tags: role.tags,
  }
}
