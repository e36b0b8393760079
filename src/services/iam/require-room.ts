import type { GlobalReads } from '../../storage/global-store.ts'
import { allOf } from './page.ts'
import { errors } from './errors.ts'
import type { Subjects } from './subject.ts'

const TAKEN = {
  user: (name: string) => `User with name ${name} already exists.`,
  group: (name: string) => `Group with name ${name} already exists.`,
  role: (name: string) => `Role with name ${name} already exists.`,
  policy: (name: string) => `A policy called ${name} already exists. Duplicate names are not allowed.`,
} as const

/**
 * Refuses a name that is taken; names that differ in case only are one.
 *
 * @throws EntityAlreadyExists
 */
export async function requireFreeName(
  kind: keyof Subjects | 'policy',
  account: string,
  name: string,
  reads: GlobalReads,
): Promise<void> {
  if ((await reads.document({ kind, account, name: name.toLowerCase() })) === null) return
  throw errors.EntityAlreadyExists(TAKEN[kind](name))
}

/**
 * Refuses what would be one more than an account may have.
 *
 * @throws LimitExceeded
 */
export async function requireRoom(
  kind: keyof Subjects | 'policy',
  account: string,
  quota: { readonly name: string; readonly limit: number },
  reads: GlobalReads,
): Promise<void> {
  if ((await allOf(reads, kind, account)).length < quota.limit) return
  throw errors.LimitExceeded(`Cannot exceed quota for ${quota.name}: ${quota.limit}`)
}
