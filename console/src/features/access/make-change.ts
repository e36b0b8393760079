import type { PolicyRemedy } from '../../api/access.ts'
import type { Asking } from '../../api/client.ts'
import { ApiError } from '../../api/errors.ts'
import { getInlinePolicy, putInlinePolicy } from '../../api/iam-policies.ts'
import { kms } from '../../api/kms.ts'
import { getManagedPolicy, putManagedPolicy, type ManagedPolicy } from '../../api/managed-policies.ts'
import { words } from '../../words/en.ts'
import type { PolicyChange, RemedyChange } from './remedy-change.ts'

/** What a policy says now, and with the remedy. */
export interface Draft {
  readonly before: string | null
  readonly after: string
  /** The statement that is another one then; null where one is added. */
  readonly replaced: string | null
  /** Of a managed policy: whom else it is of. */
  readonly managed: ManagedPolicy | null
}

/** Reads a policy, and puts the remedy into it. @throws ApiError */
export async function draftOf(asking: Asking, change: PolicyChange): Promise<Draft> {
  const managed = change.kind === 'managed policy' ? await getManagedPolicy(asking, change.arn) : null
  const before = managed?.text ?? (await read(asking, change))
  return { before, managed, ...withRemedy(before, change.remedy) }
}

/** Makes the change. @throws ApiError */
export async function makeChange(asking: Asking, change: RemedyChange, draft: Draft | undefined): Promise<void> {
  if (change.kind === 'grant') {
    await kms({ ...asking, region: change.region }, 'CreateGrant', change.grant)
    return
  }
  if (draft === undefined) throw new Error('INVARIANT: what is put was read before')
  const { before, managed } = await draftOf(asking, change)
  if (before !== draft.before || managed?.oldest !== draft.managed?.oldest) {
    throw new ApiError('PolicyChanged', words.access.remedy.changedMeanwhile, 0, null)
  }
  await put(asking, change, draft)
}

async function read(asking: Asking, change: PolicyChange): Promise<string | null> {
  switch (change.kind) {
    case 'key policy':
      return (await kms(there(asking, change.keyArn), 'GetKeyPolicy', { KeyId: change.keyArn })).Policy
    case 'inline policy':
      return getInlinePolicy(asking, change.policy)
    case 'managed policy':
      return (await getManagedPolicy(asking, change.arn)).text
  }
}

async function put(asking: Asking, change: PolicyChange, { after, managed }: Draft): Promise<void> {
  switch (change.kind) {
    case 'key policy':
      await kms(there(asking, change.keyArn), 'PutKeyPolicy', { KeyId: change.keyArn, Policy: after })
      return
    case 'inline policy':
      return putInlinePolicy(asking, change.policy, after)
    case 'managed policy':
      return putManagedPolicy(asking, change.arn, after, managed?.oldest ?? null)
  }
}

/** What is asked where a key is. */
function there(asking: Asking, keyArn: string): Asking {
  return { ...asking, region: keyArn.split(':')[3] ?? asking.region }
}

/** A policy with a statement more, or with another in its place. */
function withRemedy(before: string | null, { change, index, statement }: PolicyRemedy) {
  const policy = (before === null ? { Version: '2012-10-17', Statement: [] } : JSON.parse(before)) as {
    readonly Statement: unknown
  }
  const statements = [policy.Statement].flat()
  const isAdded = change === 'add'
  const all = isAdded ? [...statements, statement] : statements.with(index, statement)
  return {
    after: JSON.stringify({ ...policy, Statement: all }, null, 2),
    replaced: isAdded ? null : JSON.stringify(statements[index], null, 2),
  }
}
