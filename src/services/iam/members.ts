import type { User } from '../../domain/identity.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import { allOf } from './page.ts'

/** The users in a group. */
export async function membersOf(reads: GlobalReads, account: string, group: string): Promise<readonly User[]> {
  const name = group.toLowerCase()
  return (await allOf(reads, 'user', account)).filter(({ groups }) => groups.includes(name))
}
