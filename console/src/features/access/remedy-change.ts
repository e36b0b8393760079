import type { Permission, PolicyRemedy, Remedy } from '../../api/access.ts'
import type { InlinePolicy } from '../../api/iam-policies.ts'
import { words } from '../../words/en.ts'

/** The inline policy that a remedy makes where there is none to add to. */
const NEW_POLICY = 'keyspan-remedy'
const text = words.access.remedy

/** A change of a policy. */
export type PolicyChange = { readonly remedy: PolicyRemedy } & (
  | { readonly kind: 'key policy'; readonly keyArn: string }
  | { readonly kind: 'inline policy'; readonly policy: InlinePolicy }
  | { readonly kind: 'managed policy'; readonly arn: string }
)

/** A change that an account can make by AWS's own API, where a remedy is one. */
export type RemedyChange =
  | PolicyChange
  | { readonly kind: 'grant'; readonly region: string; readonly grant: Readonly<Record<string, unknown>> }

/** The change that a remedy is; null where this account cannot make it, or not here. */
export function changeOf(remedy: Remedy, permission: Permission, account: string): RemedyChange | null {
  if (ownerOf(remedy, permission) !== account) return null
  if (remedy.kind === 'grant') return { kind: 'grant', region: remedy.region, grant: remedy.grant }
  if (remedy.kind !== 'policy' || isOfOrganization(remedy)) return null
  const { layer, name, of, arn } = remedy.policy
  if (layer === 'resource') {
    const isKey = /^arn:aws:kms:[^:]*:\d{12}:key\//.test(permission.resource ?? '')
    return isKey ? { kind: 'key policy', keyArn: permission.resource ?? '', remedy } : null
  }
  if (arn !== undefined) return { kind: 'managed policy', arn, remedy }
  if (layer !== 'identity') return null
  const holder = of === undefined ? holderOf(permission.caller) : namedHolder(of)
  return holder === null ? null : { kind: 'inline policy', policy: { ...holder, name: name ?? NEW_POLICY }, remedy }
}

/** Who can make the change that a remedy is, where this account cannot; null where it is no change, or this one's. */
export function whoCanApply(remedy: Remedy, permission: Permission, account: string): string | null {
  const owner = ownerOf(remedy, permission)
  if (owner === null || (owner === account && !isOfOrganization(remedy))) return null
  if (remedy.kind === 'policy' && isOfOrganization(remedy)) return text.byManagement(owner, remedy.policy.id ?? '')
  return text.byAccount(owner)
}

/** SECURITY: whom a policy of an organization binds sees its remedies, and its management account, which could apply them, sees none of them. */
function isOfOrganization(remedy: Remedy): boolean {
  return remedy.kind === 'policy' && ['scp', 'rcp'].includes(remedy.policy.layer)
}

/** The account that a remedy is up to; null where it is none. */
function ownerOf(remedy: Remedy, { resource, caller }: Permission): string | null {
  if (remedy.kind === 'grant') return accountOf(resource)
  if (remedy.kind !== 'policy') return null
  switch (remedy.policy.layer) {
    case 'resource':
      return accountOf(resource)
    case 'identity':
    case 'boundary':
      return accountOf(remedy.policy.arn ?? caller)
    case 'scp':
    case 'rcp':
      return accountOf(remedy.policy.arn)
    default:
      return null
  }
}

function accountOf(arn: string | undefined): string | null {
  return arn?.split(':')[4] ?? null
}

/** The user of a user's ARN, and the role of a session's. */
function holderOf(caller: string): Omit<InlinePolicy, 'name'> | null {
  const [, kind, path = ''] = /^arn:aws:(?:iam|sts)::\d{12}:(user|assumed-role|role)\/(.+)$/.exec(caller) ?? []
  if (kind === undefined) return null
  const names = path.split('/')
  return kind === 'user'
    ? { kind: 'User', owner: names.at(-1) ?? '' }
    : { kind: 'Role', owner: (kind === 'role' ? names.at(-1) : names[0]) ?? '' }
}

/** `user ada`, as explanations say it. */
function namedHolder(of: string): Omit<InlinePolicy, 'name'> | null {
  const [, kind, owner] = /^(user|group|role) (.+)$/.exec(of) ?? []
  if (owner === undefined) return null
  return { kind: kind === 'user' ? 'User' : kind === 'group' ? 'Group' : 'Role', owner }
}
