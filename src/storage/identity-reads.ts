import { AWS_MANAGED_POLICIES } from '../domain/aws-managed-policies.ts'
import { parsePolicyArn } from '../domain/identity-arn.ts'
import type { Group, InlinePolicies, ManagedPolicy, Role, User } from '../domain/identity.ts'
import type { GlobalReads } from './global-store.ts'

type Reads = Pick<GlobalReads, 'document'>

/** One policy that an identity has. */
export interface IdentityPolicy {
  readonly name: string
  /** In full, for people: `inline policy use of user ada`. */
  readonly title: string
  /** Whose it is: `user ada`. */
  readonly of: string
  /** That of a managed policy; an inline policy has none. */
  readonly arn?: string
  readonly text: string
}

/** Whose unique ids begin so. */
const KINDS: Readonly<Record<string, string>> = { AIDA: 'user', AGPA: 'group', AROA: 'role' }

interface Owner {
  readonly id: string
  readonly name: string
  readonly inlinePolicies: InlinePolicies
  readonly attachedPolicies: readonly string[]
}

/** A managed policy of an account or of AWS, by its ARN; null where there is none. */
export async function managedPolicy(reads: Reads, arn: string): Promise<ManagedPolicy | null> {
  const ofAws = AWS_MANAGED_POLICIES.get(arn)
  if (ofAws !== undefined) return ofAws
  const place = parsePolicyArn(arn)
  if (place === null) return null
  const { account, path, name } = place
  const policy = await reads.document({ kind: 'policy', account, name: name.toLowerCase() })
  return policy !== null && policy.path === path && policy.name === name ? policy : null
}

/** The text of the version that decides, of a managed policy; null where there is no such policy. */
export async function managedPolicyText(reads: Reads, arn: string): Promise<string | null> {
  const policy = await managedPolicy(reads, arn)
  return policy?.versions.find(({ id }) => id === policy.defaultVersion)?.text ?? null
}

/** Every policy that grants a user something: its own, those attached to it, and those of its groups. */
export async function policiesOfUser(reads: Reads, account: string, user: User): Promise<readonly IdentityPolicy[]> {
  const policies = [...(await policiesOf(reads, user))]
  for (const name of user.groups) {
    const group = await reads.document({ kind: 'group', account, name })
    // INVARIANT: a group that has members is not deleted. Leaving one out could drop a denial.
    if (group === null) throw new Error(`INVARIANT: group ${name} of account ${account} exists`)
    policies.push(...(await policiesOf(reads, group)))
  }
  return policies
}

/** Every policy that grants a role, or the members of a group, something: its own and those attached to it. */
export function policiesOfRole(reads: Reads, role: Role | Group): Promise<readonly IdentityPolicy[]> {
  return policiesOf(reads, role)
}

async function policiesOf(reads: Reads, owner: Owner): Promise<readonly IdentityPolicy[]> {
  const of = `${KINDS[owner.id.slice(0, 4)] ?? 'identity'} ${owner.name}`
  const policies: IdentityPolicy[] = Object.entries(owner.inlinePolicies).map(([name, text]) => ({
    name,
    title: `inline policy ${name} of ${of}`,
    of,
    text,
  }))
  for (const arn of owner.attachedPolicies) {
    const text = await managedPolicyText(reads, arn)
    // INVARIANT: a policy that is attached is not deleted.
    if (text === null) throw new Error(`INVARIANT: ${arn} is attached and exists`)
    const name = parsePolicyArn(arn)?.name ?? arn
    policies.push({ name, title: `policy ${name} of ${of}`, of, arn, text })
  }
  return policies
}
