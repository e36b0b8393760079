import type { NewAccessKey } from '../../kernel/identities/new-access-key.ts'
import { pathText, type ReadSeed, type SeedPath } from './read.ts'

/** AWS has no more, and who has three cannot be made. */
const MOST_OF_ONE = 2

/**
 * Requires that each access key is somebody's alone: who signs with it is whom it belongs to.
 *
 * @param rootKey the one that is given to the root user of the first account besides the seed; null where there is none
 * @throws SeedError that says where
 */
export function requireAccessKeys({ seed, error }: ReadSeed, rootKey: NewAccessKey | null): void {
  const places = new Map<string, string>()
  if (rootKey !== null) {
    places.set(rootKey.accessKeyId, 'given as credentials, for the root user of the first account')
    const path = ['Accounts', 0, 'AccessKeys']
    if ((seed.Accounts[0]?.AccessKeys ?? []).length >= MOST_OF_ONE) {
      throw error(path, `A root user has at most two access keys, and the credentials that are given are a third.`)
    }
  }
  for (const [path, id] of accessKeyIds(seed)) {
    const place = places.get(id)
    if (place !== undefined) throw error(path, `The access key ${id} is ${place}, already. Give each its own.`)
    places.set(id, `at ${pathText(path)}`)
  }
}

function* accessKeyIds({ Accounts }: ReadSeed['seed']): Generator<readonly [SeedPath, string]> {
  for (const [index, { AccessKeys = [], Users = [] }] of Accounts.entries()) {
    const account = ['Accounts', index]
    yield* idsOf(AccessKeys, [...account, 'AccessKeys'])
    for (const [place, user] of Users.entries()) {
      yield* idsOf(user.AccessKeys ?? [], [...account, 'Users', place, 'AccessKeys'])
    }
  }
}

function* idsOf(keys: readonly { readonly AccessKeyId: string }[], path: SeedPath) {
  for (const [index, { AccessKeyId }] of keys.entries()) {
    yield [[...path, index, 'AccessKeyId'], AccessKeyId] as const
  }
}
