import { AWS_MANAGED_POLICIES } from '../../domain/aws-managed-policies.ts'
import { parsePolicyArn } from '../../domain/identity-arn.ts'
import type { ManagedPolicy } from '../../domain/identity.ts'
import type { Need } from '../../kernel/access/need.ts'
import type { Call } from '../../kernel/call.ts'
import type { GlobalReads, GlobalWrites } from '../../storage/global-store.ts'
import { managedPolicy } from '../../storage/identity-reads.ts'
import { errors } from './errors.ts'
import { allOf } from './page.ts'
import { needIn, resourceTagKeys, subjects, type Subjects } from './subject.ts'
import type { PolicyUse } from './views.ts'

/** A managed policy that a request names, whether it is there or not. */
export interface FoundPolicy {
  readonly arn: string
  readonly policy: ManagedPolicy | null
}

/**
 * Looks a managed policy up: one of the caller's account, or of AWS.
 *
 * @throws ValidationError where the text is no ARN of a policy
 */
export async function findPolicy(arn: string, { caller }: Call, reads: GlobalReads): Promise<FoundPolicy> {
  const place = parsePolicyArn(arn)
  if (place === null) throw errors.ValidationError(`Invalid ARN: ${arn} names no managed policy.`)
  // Another account's policies are not there for anybody else.
  const visible = place.account === caller.account || AWS_MANAGED_POLICIES.has(arn)
  return { arn, policy: visible ? await managedPolicy(reads, arn) : null }
}

/**
 * What was looked up.
 *
 * @throws NoSuchEntity where it is not there
 */
export function existingPolicy({ arn, policy }: FoundPolicy): ManagedPolicy {
  if (policy === null) throw errors.NoSuchEntity(`Policy ${arn} was not found.`)
  return policy
}

/**
 * What was looked up, where a customer may change it.
 *
 * @throws InvalidInput for a policy of AWS, NoSuchEntity
 */
export function changeablePolicy(found: FoundPolicy): ManagedPolicy {
  if (AWS_MANAGED_POLICIES.has(found.arn)) {
    throw errors.InvalidInput(`${found.arn} belongs to AWS: it can be attached, and not changed.`)
  }
  return existingPolicy(found)
}

/** The permission for an action on a managed policy. */
export function needOnPolicy(action: string, { arn, policy }: FoundPolicy, context: Need['context'] = {}): Need {
  return needIn(action, arn, { ...resourceTagKeys(policy?.tags ?? []), ...context })
}

/** Keeps a new state of a managed policy. */
export function savePolicy(writes: GlobalWrites, { caller }: Call, policy: ManagedPolicy): Promise<void> {
  const key = { kind: 'policy', account: caller.account, name: policy.name.toLowerCase() } as const
  return writes.putDocument(key, policy, policy.id)
}

/** One who has a managed policy. */
export interface PolicyUser {
  readonly kind: keyof Subjects
  readonly name: string
  readonly path: string
  readonly id: string
  readonly attached: readonly string[]
  readonly boundary: string | null
}

/** Everyone in the account who can have policies. */
export async function policyUsers(reads: GlobalReads, account: string): Promise<readonly PolicyUser[]> {
  const users: PolicyUser[] = []
  for (const { kind } of Object.values(subjects)) {
    for (const each of await allOf(reads, kind, account)) {
      const { name, path, id, attachedPolicies: attached } = each
      users.push({ kind, name, path, id, attached, boundary: 'boundary' in each ? each.boundary : null })
    }
  }
  return users
}

/** Counts how many of these use each managed policy, by its ARN. */
export function usesOf(users: readonly PolicyUser[]): (arn: string) => PolicyUse {
  const attachments = countEach(users.flatMap(({ attached }) => attached))
  const boundaries = countEach(users.map(({ boundary }) => boundary))
  return (arn) => ({ attachments: attachments.get(arn) ?? 0, boundaries: boundaries.get(arn) ?? 0 })
}

function countEach(arns: readonly (string | null)[]): ReadonlyMap<string | null, number> {
  const counts = new Map<string | null, number>()
  for (const arn of arns) counts.set(arn, (counts.get(arn) ?? 0) + 1)
  return counts
}
