import { rootArn } from '../../domain/arn.ts'
import { initialPolicies, type Organization } from '../../domain/organization.ts'
import type { Tag } from '../../domain/tags.ts'
import type { GlobalPowers } from '../../kernel/operation.ts'
import { accountByEmail } from './accounts.ts'
import { newAccountId, newId } from './new-id.ts'
import { putMember } from './targets.ts'

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const ONE_HOUR_SECONDS = 3600

/** What an account is made from. */
export interface AccountPlan {
  readonly name: string
  readonly email: string
  /** The role by which the management account gets in. */
  readonly roleName: string
  readonly tags: readonly Tag[]
}

/**
 * Makes an account in an organization, with a role that the management account may assume; answers its id.
 *
 * Its root user has no access key: `keyspan account create` gives it one. Null where another account has the
 * address: AWS knows accounts by it.
 */
export async function makeAccount(
  organization: Organization,
  plan: AccountPlan,
  now: number,
  { random, writes }: GlobalPowers,
): Promise<string | null> {
  if ((await accountByEmail(writes, plan.email)) !== null) return null
  let id = newAccountId(random)
  while ((await writes.document({ kind: 'account', account: id, name: id })) !== null) id = newAccountId(random)
  const { name, email, roleName, tags } = plan
  await writes.putDocument({ kind: 'account', account: id, name: id }, { createdAt: now, name, email })
  await putMember(writes, organization, {
    account: id,
    parent: organization.root.id,
    joinedAt: now,
    joinedBy: 'CREATED',
    attached: initialPolicies(organization.root),
    tags,
  })
  const role = {
    id: `AROA${newId(random, 17, BASE32)}`,
    name: roleName,
    path: '/',
    createdAt: now,
    inlinePolicies: {},
    attachedPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess'],
    trustPolicy: trustPolicyFor(organization.managementAccount),
    trustPrincipals: {},
    description: '',
    maxSessionDuration: ONE_HOUR_SECONDS,
    boundary: null,
    tags: [],
    serviceLinkedTo: null,
  }
  await writes.putDocument({ kind: 'role', account: id, name: roleName.toLowerCase() }, role, role.id)
  return id
}

function trustPolicyFor(managementAccount: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: rootArn(managementAccount) }, Action: 'sts:AssumeRole' }],
  })
}
