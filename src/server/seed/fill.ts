import { randomSecret } from '../../crypto/random.ts'
import { MULTI_REGION_PREFIX, newKeyId } from '../../domain/key-id.ts'
import { newAccessKey, type NewAccessKey } from '../../kernel/identities/new-access-key.ts'
import type { ReadSeed } from './read.ts'
import { requireAccessKeys } from './require-access-keys.ts'
import type { Seed, SeedAccount, SeedKey } from './schema.ts'

/** The access keys of an account or a user in a seed. */
type SeedAccessKeys = NonNullable<SeedAccount['AccessKeys']>

/** A seed in which nothing that has a name is left to chance: planted again, it has the same names. */
export interface FilledSeed extends Seed {
  readonly Accounts: FilledAccount[]
}

/** A filled seed, and where in its text each part stands. */
export interface FilledRead extends ReadSeed {
  readonly seed: FilledSeed
}

interface FilledAccount extends SeedAccount {
  readonly AccessKeys: SeedAccessKeys
  readonly Users: (NonNullable<SeedAccount['Users']>[number] & { readonly AccessKeys: SeedAccessKeys })[]
  readonly Keys: (SeedKey & { readonly KeyId: string })[]
}

/**
 * Gives an access key to each root user and user that has none, and an id to each key.
 *
 * @param rootKey another access key of the first account's root user; null where the seed or chance decides
 * @throws SeedError where access keys cannot be together
 */
export function fillSeed(read: ReadSeed, rootKey: NewAccessKey | null): FilledRead {
  requireAccessKeys(read, rootKey)
  const { seed } = read
  // It comes last: so the others keep their places, which errors say.
  const given = rootKey === null ? [] : [accessKeyOf(rootKey)]
  const Accounts = seed.Accounts.map((account, index) => ({
    ...account,
    AccessKeys:
      index === 0 && rootKey !== null ? [...(account.AccessKeys ?? []), ...given] : keysOr(account.AccessKeys),
    Users: (account.Users ?? []).map((user) => ({ ...user, AccessKeys: keysOr(user.AccessKeys) })),
    Keys: (account.Keys ?? []).map((key) => ({ ...key, KeyId: key.KeyId ?? keyIdFor(key) })),
  }))
  return { ...read, seed: { ...seed, Accounts } }
}

/** Says whether a key of a seed is a multi-Region key: by its own word, or by its id or its replicas. */
export function isMultiRegion({ MultiRegion, KeyId, Replicas }: SeedKey): boolean {
  return MultiRegion ?? KeyId?.startsWith(MULTI_REGION_PREFIX) ?? Replicas !== undefined
}

function keysOr(keys: SeedAccessKeys = []): SeedAccessKeys {
  return keys.length > 0 ? keys : [accessKeyOf(newAccessKey('AKIA'))]
}

function accessKeyOf({ accessKeyId, secretAccessKey }: NewAccessKey) {
  return { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey }
}

function keyIdFor(key: SeedKey): string {
  return newKeyId(randomSecret(16), isMultiRegion(key))
}
