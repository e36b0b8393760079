import { randomSecret } from '../../crypto/random.ts'
import { MULTI_REGION_PREFIX, newKeyId } from '../../domain/key-id.ts'
import { newAccessKey, type NewAccessKey } from '../../kernel/identities/new-access-key.ts'
import type { Seed, SeedAccount, SeedKey } from './schema.ts'

/** The access keys of an account or a user in a seed. */
type SeedAccessKeys = NonNullable<SeedAccount['AccessKeys']>

/** A seed in which nothing that has a name is left to chance: planted again, it has the same names. */
export interface FilledSeed extends Seed {
  readonly Accounts: FilledAccount[]
}

interface FilledAccount extends SeedAccount {
  readonly AccessKeys: SeedAccessKeys
  readonly Users: (NonNullable<SeedAccount['Users']>[number] & { readonly AccessKeys: SeedAccessKeys })[]
  readonly Keys: (SeedKey & { readonly KeyId: string })[]
}

/**
 * Gives an access key to each root user and user that has none, and an id to each key.
 *
 * @param rootKey the first access key of the first account; null where the seed or chance decides
 */
export function fillSeed(seed: Seed, rootKey: NewAccessKey | null): FilledSeed {
  const given = rootKey === null ? [] : [accessKeyOf(rootKey)]
  const Accounts = seed.Accounts.map((account, index) => ({
    ...account,
    AccessKeys: [...(index === 0 ? given : []), ...keysOr(account.AccessKeys, index === 0 && rootKey !== null)],
    Users: (account.Users ?? []).map((user) => ({ ...user, AccessKeys: keysOr(user.AccessKeys, false) })),
    Keys: (account.Keys ?? []).map((key) => ({ ...key, KeyId: key.KeyId ?? keyIdFor(key) })),
  }))
  return { ...seed, Accounts }
}

/** Says whether a key of a seed is a multi-Region key: by its own word, or by its id or its replicas. */
export function isMultiRegion({ MultiRegion, KeyId, Replicas }: SeedKey): boolean {
  return MultiRegion ?? KeyId?.startsWith(MULTI_REGION_PREFIX) ?? Replicas !== undefined
}

function keysOr(keys: SeedAccessKeys = [], hasOther: boolean): SeedAccessKeys {
  return keys.length > 0 || hasOther ? keys : [accessKeyOf(newAccessKey('AKIA'))]
}

function accessKeyOf({ accessKeyId, secretAccessKey }: NewAccessKey) {
  return { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey }
}

function keyIdFor(key: SeedKey): string {
  return newKeyId(randomSecret(16), isMultiRegion(key))
}
