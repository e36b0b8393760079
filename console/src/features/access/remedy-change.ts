import type { Asking } from '../../api/client.ts'
import { ApiError } from '../../api/errors.ts'
import { getInlinePolicy, putInlinePolicy, type InlinePolicy } from '../../api/iam-policies.ts'
import type { Permission, PolicyRemedy, Remedy } from '../../api/access.ts'
import { kms } from '../../api/kms.ts'
import { words } from '../../words/en.ts'

/** The inline policy that a remedy makes where there is none to add to. */
const NEW_POLICY = 'keyspan-remedy'

/** A change that an account can make by AWS's own API, where a remedy is one. */
export type RemedyChange =
  | { readonly kind: 'key policy'; readonly keyArn: string; readonly remedy: PolicyRemedy }
  | { readonly kind: 'inline policy'; readonly policy: InlinePolicy; readonly remedy: PolicyRemedy }
  | { readonly kind: 'grant'; readonly region: string; readonly grant: Readonly<Record<string, unknown>> }

/** What a policy says now, and with the remedy. */
export interface Draft {
  readonly before: string | null
  readonly after: string
}

/** The change that a remedy is; null where this account cannot make it, or not here. */
export function changeOf(remedy: Remedy, { resource, caller }: Permission, account: string): RemedyChange | null {
  if (remedy.kind === 'grant') {
    return resource?.split(':')[4] === account ? { kind: 'grant', region: remedy.region, grant: remedy.grant } : null
  }
  if (remedy.kind !== 'policy') return null
  const { layer, name, of, arn } = remedy.policy
  if (layer === 'resource') {
    const isOwnKey = resource !== undefined && new RegExp(`^arn:aws:kms:[^:]*:${account}:key/`).test(resource)
    return isOwnKey ? { kind: 'key policy', keyArn: resource, remedy } : null
  }
  // A managed policy has versions, and others to whom it is attached.
  if (layer !== 'identity' || arn !== undefined || caller.split(':')[4] !== account) return null
  const owner = of === undefined ? ownerOf(caller) : namedOwner(of)
  return owner === null ? null : { kind: 'inline policy', policy: { ...owner, name: name ?? NEW_POLICY }, remedy }
}

/** The user of a user's ARN, and the role of a session's. */
function ownerOf(caller: string): Omit<InlinePolicy, 'name'> | null {
  const [, kind, path = ''] = /^arn:aws:(?:iam|sts)::\d{12}:(user|assumed-role|role)\/(.+)$/.exec(caller) ?? []
  if (kind === undefined) return null
  const names = path.split('/')
  return kind === 'user'
    ? { kind: 'User', owner: names.at(-1) ?? '' }
    : { kind: 'Role', owner: (kind === 'role' ? names.at(-1) : names[0]) ?? '' }
}

/** `user ada`, as explanations say it. */
function namedOwner(of: string): Omit<InlinePolicy, 'name'> | null {
  const [, kind, owner] = /^(user|group|role) (.+)$/.exec(of) ?? []
  if (owner === undefined) return null
  return { kind: kind === 'user' ? 'User' : kind === 'group' ? 'Group' : 'Role', owner }
}

/** Reads a policy, and puts the remedy into it. @throws ApiError */
export async function draftOf(asking: Asking, change: Exclude<RemedyChange, { kind: 'grant' }>): Promise<Draft> {
  const before =
    change.kind === 'key policy'
      ? (await kms(there(asking, change.keyArn), 'GetKeyPolicy', { KeyId: change.keyArn })).Policy
      : await getInlinePolicy(asking, change.policy)
  return { before, after: withRemedy(before, change.remedy) }
}

/** Makes the change. @throws ApiError */
export async function apply(asking: Asking, change: RemedyChange, draft: Draft | undefined): Promise<void> {
  if (change.kind === 'grant') {
    await kms({ ...asking, region: change.region }, 'CreateGrant', change.grant)
    return
  }
  if (draft === undefined) throw new Error('INVARIANT: what is put was read before')
  const { before } = await draftOf(asking, change)
  if (before !== draft.before) throw new ApiError('PolicyChanged', words.access.remedy.changedMeanwhile, 0, null)
  if (change.kind === 'inline policy') await putInlinePolicy(asking, change.policy, draft.after)
  else await kms(there(asking, change.keyArn), 'PutKeyPolicy', { KeyId: change.keyArn, Policy: draft.after })
}

/** What is asked where a key is. */
function there(asking: Asking, keyArn: string): Asking {
  return { ...asking, region: keyArn.split(':')[3] ?? asking.region }
}

/** A policy with a statement more, or with another in its place. */
function withRemedy(before: string | null, { change, index, statement }: PolicyRemedy): string {
  const policy = (before === null ? { Version: '2012-10-17', Statement: [] } : JSON.parse(before)) as {
    readonly Statement: unknown
  }
  const statements = [policy.Statement].flat()
  const all = change === 'add' ? [...statements, statement] : statements.with(index, statement)
  return JSON.stringify({ ...policy, Statement: all }, null, 2)
}
