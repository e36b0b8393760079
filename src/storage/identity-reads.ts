import { parseArn } from '../domain/arn.ts'
import type { Group, Role, User } from '../domain/identity.ts'
import type { GlobalReads } from './global-store.ts'

/** A policy that counts for an identity. */
export interface NamedPolicy {
  readonly name: string
  /** Of a managed policy. */
  readonly arn?: string
  readonly text: string
}

/** A user's own policies and those of its groups. */
export async function policiesOfUser(reads: GlobalReads, account: string, user: User): Promise<readonly NamedPolicy[]> {
  const groups = await Promise.all(user.groups.map((name) => reads.document({ kind: 'group', account, name })))
  const owners = [user, ...groups.filter((group) => group !== null)]
  return (await Promise.all(owners.map((owner) => policiesOf(reads, owner)))).flat()
}

/** A role's policies. */
export function policiesOfRole(reads: GlobalReads, role: Role): Promise<readonly NamedPolicy[]> {
  return policiesOf(reads, role)
}

async function policiesOf(reads: GlobalReads, owner: User | Group | Role): Promise<readonly NamedPolicy[]> {
  const inline = Object.entries(owner.inlinePolicies).map(([name, text]) => ({ name: `${owner.name}/${name}`, text }))
  const attached = await Promise.all(
    owner.attachedPolicies.map(async (arn) => {
      const text = await managedPolicyText(reads, arn)
      return text === null ? null : { name: arn.replace(/^.*\//, ''), arn, text }
    }),
  )
  return [...inline, ...attached.filter((policy) => policy !== null)]
}

/** The text of the version of a managed policy that counts; null where there is no such policy. */
export async function managedPolicyText(reads: GlobalReads, arn: string): Promise<string | null> {
  const parsed = parseArn(arn)
  if (parsed === null) return null
  const name = parsed.resource.replace(/^.*\//, '').toLowerCase()
  const policy = await reads.document({ kind: 'policy', account: parsed.account, name })
  return policy?.versions.find((version) => version.id === policy.defaultVersion)?.text ?? null
}
