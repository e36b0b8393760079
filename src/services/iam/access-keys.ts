import type { AccessKeyDetails } from '../../domain/identity.ts'
import { rootArn } from '../../domain/arn.ts'
import type { Need } from '../../kernel/access/need.ts'
import type { Call } from '../../kernel/call.ts'
import type { GlobalReads, GlobalWrites, StoredAccessKey } from '../../storage/global-store.ts'
import { errors } from './errors.ts'
import { callerName, existing, findSubject, needIn, needOn, type Found } from './subject.ts'

/** Whose access keys a request means: a user's, or, as null, the root user's. */
export type KeyOwner = Found<'user'> | null

/** Finds whose access keys a request means: the caller's own where it names nobody. */
export async function findKeyOwner(name: string | undefined, call: Call, reads: GlobalReads): Promise<KeyOwner> {
  const user = name ?? callerName(call)
  return user === null ? null : findSubject('user', user, call, reads)
}

/** The permission for an action on somebody's access keys. */
export function needOnOwner(action: string, owner: KeyOwner, { caller }: Call): Need {
  return owner === null ? needIn(action, rootArn(caller.account)) : needOn(action, owner)
}

/** The unique id under which an owner's keys are filed: null for the root user. */
export function ownerId(owner: KeyOwner): string | null {
  return owner === null ? null : existing(owner).id
}

/** What answers say of an owner: the root user has no name. */
export function ownerMember(owner: KeyOwner): { readonly UserName?: string } {
  return owner === null ? {} : { UserName: existing(owner).name }
}

/** What is known of a long-term key. The root user's first key is kept without details: it is active. */
export function detailsOf({ content }: StoredAccessKey): AccessKeyDetails {
  const { status, lastUsed } = content as Partial<AccessKeyDetails>
  return { status: status ?? 'Active', lastUsed: lastUsed ?? null }
}

/** Long-term keys of an owner. */
export async function keysOf(
  owner: KeyOwner,
  { caller }: Call,
  reads: GlobalReads,
): Promise<readonly StoredAccessKey[]> {
  const keys = await reads.accessKeysOf(caller.account, ownerId(owner))
  return keys.filter(({ expiresAt }) => expiresAt === null)
}

/**
 * One long-term key of an owner.
 *
 * @throws NoSuchEntity where it is another's, or none
 */
export async function existingKey(
  id: string,
  owner: KeyOwner,
  call: Call,
  reads: GlobalReads,
): Promise<StoredAccessKey> {
  const key = (await keysOf(owner, call, reads)).find((each) => each.id === id)
  if (key === undefined) throw errors.NoSuchEntity(`The Access Key with id ${id} cannot be found.`)
  return key
}

/** Forgets the temporary keys of a user or role that is deleted: nobody is left for them to stand for. */
export async function deleteSessions(account: string, owner: string, writes: GlobalWrites): Promise<void> {
  for (const { id, expiresAt } of await writes.accessKeysOf(account, owner)) {
    if (expiresAt !== null) await writes.deleteAccessKey(id)
  }
}
