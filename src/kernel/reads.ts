import { MULTI_REGION_PREFIX } from '../domain/key-id.ts'
import { arnOf } from '../domain/key.ts'
import type { Region } from '../domain/region.ts'
import type { RegionReads } from '../storage/store.ts'
import { readSnapshot } from './keys/snapshot.ts'
import type { Reads, RegionalReads } from './operation.ts'
import type { RegionHost, RegionHosts } from './region-host.ts'

/** What a Region can look up in others, as far as it can reach them. */
export type Elsewhere = Pick<Reads, 'keyIn' | 'countKeysIn' | 'regions'>
/** What is known of callers and principals, and of who is trusted, whatever the Region. */
export type People = Pick<
  Reads,
  | 'accountOfPrincipal'
  | 'authority'
  | 'principalFate'
  | 'principalId'
  | 'roleTrusting'
  | 'whyNoPrincipal'
  | 'attestationRoots'
>

/** Reads through a Region's cache: what they find was true at most a moment ago. */
export function cachedReads(host: RegionHost, elsewhere: Elsewhere, people: People): Reads {
  const { reads } = host.store
  const { keys, lastUses: uses } = host
  return { ...keys, ...tokens(host, reads), uses, listing: reads, ...elsewhere, ...people }
}

/** Reads inside a transaction: what they find cannot change before it ends. */
export function currentReads(host: RegionHost, elsewhere: Elsewhere, people: People, reads: RegionReads): Reads {
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
    ...elsewhere,
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

/** Whether two Regions can reach each other now. */
export type Connected = (one: Region, other: Region) => boolean

/**
 * What a Region of this process can look up in others.
 *
 * @param isConnected asked each time: while they are cut off from each other, nothing is found out about another
 */
export function lookElsewhere(hosts: RegionHosts, here: Region, isConnected: Connected): Elsewhere {
  const isInReach = (region: Region) => region === here || isConnected(here, region)
  return {
    keyIn: async (region, account, keyId) =>
      isInReach(region) ? hosts.get(region)?.keys.key(account, keyId) : undefined,
    async countKeysIn(region, account) {
      if (!isInReach(region) || !hosts.served.includes(region)) return undefined
      return (await hosts.get(region)?.store.reads.countKeys(account)) ?? 0
    },
    regions: hosts.served,
  }
}

/**
 * What the open Regions of this process know of an account; those that are not open hold nothing.
 *
 * @param isConnected asked each time: a Region that cannot reach itself can be reached by nobody
 */
export function lookInRegions(hosts: RegionHosts, isConnected: Connected): RegionalReads {
  return {
    async multiRegionKeys(account, limit) {
      if (!hosts.served.every((region) => isConnected(region, region))) return null
      const found = new Map<Region, readonly string[]>()
      for (const region of hosts.served) {
        const keys = await hosts.get(region)?.store.reads.keys(account, { after: MULTI_REGION_PREFIX, limit })
        if (keys !== undefined && keys.length > 0) found.set(region, keys.map(arnOf))
      }
      return found
    },
  }
}
