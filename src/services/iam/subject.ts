import { parseArn } from '../../domain/arn.ts'
import { groupArn, roleArn, userArn, type Placed } from '../../domain/identity-arn.ts'
import type { GlobalDocuments } from '../../domain/global-document.ts'
import type { Tag } from '../../domain/tags.ts'
import { need, type Need } from '../../kernel/access/need.ts'
import type { Call } from '../../kernel/call.ts'
import type { GlobalReads, GlobalWrites } from '../../storage/global-store.ts'
import { errors } from './errors.ts'
import { INLINE_POLICY_SIZE } from './limits.ts'

/** Whoever has policies: users, groups and roles. */
export type Subjects = Pick<GlobalDocuments, 'user' | 'group' | 'role'>

/** What differs between users, groups and roles where they are treated alike. */
export interface SubjectKind<Kind extends keyof Subjects = keyof Subjects> {
  readonly kind: Kind
  /** The member of requests that names one. */
  readonly member: `${'User' | 'Group' | 'Role'}Name`
  arn(account: string, place: Placed): string
  /** How long its inline policies may be together, in characters without white space. */
  readonly inlineSize: number
  /** How many managed policies can be attached to it. */
  readonly attachments: number
}

/** The kinds of subjects and their quotas (IAM User Guide, "IAM and AWS STS quotas"). */
export const subjects = {
  user: { kind: 'user', member: 'UserName', arn: userArn, inlineSize: 2048, attachments: 10 },
  group: { kind: 'group', member: 'GroupName', arn: groupArn, inlineSize: 5120, attachments: 10 },
  role: { kind: 'role', member: 'RoleName', arn: roleArn, inlineSize: INLINE_POLICY_SIZE, attachments: 20 },
} as const satisfies { readonly [Kind in keyof Subjects]: SubjectKind<Kind> }

/** The name of a user, group or role in a request. */
export function nameIn(input: Readonly<Record<string, unknown>>, { member }: SubjectKind): string {
  const name = input[member]
  if (typeof name !== 'string') throw new Error(`INVARIANT: the input's shape requires ${member}`)
  return name
}

/** What a request names, whether it is there or not. */
export interface Found<Kind extends keyof Subjects> {
  readonly kind: Kind
  readonly account: string
  /** As the request spells it. */
  readonly name: string
  /** Where it is not there, that of one directly under `/`: permission is asked for before anything is said. */
  readonly arn: string
  readonly document: GlobalDocuments[Kind] | null
}

/** Looks a user, group or role of the caller's account up. */
export async function findSubject<Kind extends keyof Subjects>(
  kind: Kind,
  name: string,
  { caller: { account } }: Call,
  reads: GlobalReads,
): Promise<Found<Kind>> {
  const document: GlobalDocuments[Kind] | null = await reads.document({ kind, account, name: name.toLowerCase() })
  const arn = subjects[kind].arn(account, document ?? { path: '/', name })
  return { kind, account, name, arn, document }
}

/**
 * What was looked up.
 *
 * @throws NoSuchEntity where it is not there
 */
export function existing<Kind extends keyof Subjects>({ kind, name, document }: Found<Kind>): GlobalDocuments[Kind] {
  if (document === null) throw errors.NoSuchEntity(`The ${kind} with name ${name} cannot be found.`)
  return document
}

/**
 * What was looked up, where a customer may change it.
 *
 * @throws NoSuchEntity, UnmodifiableEntity
 */
export function changeable<Kind extends keyof Subjects>(found: Found<Kind>): GlobalDocuments[Kind] {
  const document = existing(found)
  if ('serviceLinkedTo' in document && document.serviceLinkedTo !== null) {
    throw errors.UnmodifiableEntity(
      `Cannot perform the operation on the protected role '${document.name}' - this role is only modifiable by AWS`,
    )
  }
  return document
}

/** Keeps a new state of what was looked up. */
export function save<Kind extends keyof Subjects>(
  writes: GlobalWrites,
  { kind, account }: Pick<Found<Kind>, 'kind' | 'account'>,
  document: GlobalDocuments[Kind],
): Promise<void> {
  return writes.putDocument({ kind, account, name: document.name.toLowerCase() }, document, document.id)
}

/** The permission for an action on what a request names, with the condition keys that follow from it. */
export function needOn(action: string, { arn, document }: Found<keyof Subjects>, context: Need['context'] = {}): Need {
  const boundary = document !== null && 'boundary' in document ? document.boundary : null
  const tags = document !== null && 'tags' in document ? document.tags : []
  return needIn(action, arn, {
    ...resourceTagKeys(tags),
    ...(boundary !== null && { 'iam:PermissionsBoundary': boundary }),
    ...context,
  })
}

/** The permission for an action of IAM, which is asked for in us-east-1 wherever the request went. */
export function needIn(action: string, arn: string, context: Need['context'] = {}): Need {
  return need(`iam:${action}`, arn, 'us-east-1', context)
}

/** The condition keys that follow from the tags something has. */
export function resourceTagKeys(tags: readonly Tag[]): Need['context'] {
  return Object.fromEntries(
    tags.flatMap(({ key, value }) => [
      [`aws:ResourceTag/${key}`, value],
      [`iam:ResourceTag/${key}`, value],
    ]),
  )
}

/**
 * The name of the user that a request without one means: the caller; null for the root user.
 *
 * @throws ValidationError where the caller is neither
 */
export function callerName({ caller: { arn } }: Call): string | null {
  const resource = parseArn(arn)?.resource ?? ''
  if (resource === 'root') return null
  if (resource.startsWith('user/')) return resource.slice(resource.lastIndexOf('/') + 1)
  throw errors.ValidationError('Must specify userName when calling with non-User credentials')
}
