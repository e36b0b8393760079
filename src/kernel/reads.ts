import type { Region } from '../domain/region.ts'
import type { RegionReads } from '../storage/store.ts'
import { readSnapshot } from './key-snapshot.ts'
import type { Reads } from './operation.ts'
import type { RegionHost } from './region-host.ts'

type Hosts = ReadonlyMap<Region, RegionHost>
/** What is known of callers and principals, and of who is trusted, whatever the Region. */
export type People = Pick<Reads, 'accountOfPrincipal' | 'authority' | 'principalId' | 'attestationRoots'>

/** Reads through a Region's cache: what they find was true at most a moment ago. */
export function cachedReads(host: RegionHost, hosts: Hosts, people: People): Reads {
  const { reads } = host.store
  const { keys, lastUses: uses } = host
  return { ...keys, ...tokens(host, reads), uses, listing: reads, ...elsewhere(hosts), ...people }
}

/** Reads inside a transaction: what they find cannot change before it ends. */
export function currentReads(host: RegionHost, hosts: Hosts, people: People, reads: RegionReads): Reads {
  const key = (account: string, keyId: string) => readSnapshot(reads, host.vault, account, keyId)
  return {
    key,
    async keyByAlias(account, aliasName) {
      const alias = await reads.alias(account, aliasName)
      return alias === null ? null : key(account, alias.targetKeyId)
    },
    async keyByMaterial(materialId) {
      const material = await reads.keyOfMaterial(materialId)
      return material === null ? null : key(material.account, material.keyId)
    },
    ...tokens(host, reads),
    uses: host.lastUses,
    listing: reads,
    ...elsewhere(hosts),
    ...people,
  }
}

function tokens({ vault }: RegionHost, reads: RegionReads): Pick<Reads, 'grantByToken'> {
  return {
    async grantByToken(token) {
      const reference = vault.grantTokens.open(token)
      return reference === null ? null : reads.grant(reference.account, reference.keyId, reference.grantId)
    },
  }
}

function elsewhere(hosts: Hosts): Pick<Reads, 'keyIn' | 'countKeysIn' | 'regions'> {
  return {
    keyIn: async (region, account, keyId) => hosts.get(region)?.keys.key(account, keyId),
    countKeysIn: async (region, account) => hosts.get(region)?.store.reads.countKeys(account),
    regions: [...hosts.keys()],
  }
}
