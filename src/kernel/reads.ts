import { keyArn } from '../domain/arn.ts'
import { MULTI_REGION_PREFIX } from '../domain/key-id.ts'
import type { Region } from '../domain/region.ts'
import type { RegionReads } from '../storage/store.ts'
import { readSnapshot } from './keys/snapshot.ts'
import type { Reads, RegionalReads } from './operation.ts'
import type { RegionHost, RegionHosts } from './region-host.ts'

/** What a Region can look up in others, as far as it can reach them. */
export type Elsewhere = Pick<Reads, 'keyIn' | 'countKeysIn' | 'regions' | 'strangers'>
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
  const means = { policyOf: host.keys.policyOf, unheard: host.marks.unheard }
  const key = (account: string, keyId: string) => readSnapshot(reads, host.vault, account, keyId, means)
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

/** Asks each question about another Region once: what was answered stays so, as it was then. */
export function rememberingElsewhere({ keyIn, countKeysIn, regions, strangers }: Elsewhere): Elsewhere {
  const known = new Map<string, unknown>()
  const once = <Answer>(question: readonly string[], ask: () => Promise<Answer>): Promise<Answer> => {
    const name = question.join('\0')
    const answer = (known.get(name) as Promise<Answer> | undefined) ?? ask()
    known.set(name, answer)
    return answer
  }
  return {
    regions,
    strangers,
    keyIn: (region, account, keyId) => once(['key', region, account, keyId], () => keyIn(region, account, keyId)),
    countKeysIn: (region, account) => once(['count', region, account], () => countKeysIn(region, account)),
  }
}

/** What can be asked of Regions of other places. */
export interface RemoteRegions extends Pick<Elsewhere, 'keyIn' | 'countKeysIn'> {
  /** Those that are trusted and have an address. */
  readonly regions: readonly Region[]
  /** Those that have an address and are not trusted. */
  readonly strangers: readonly Region[]
  /** The first multi-Region keys of an account; undefined where the Region cannot be reached. */
  multiRegionKeys(region: Region, account: string, limit: number): Promise<readonly string[] | undefined>
}

/** How Regions reach each other. */
export interface Reach {
  /** Whether two of this process can reach each other now; asked each time. */
  readonly isConnected: (one: Region, other: Region) => boolean
  /** Regions of other places; null where all are here. */
  readonly remote: RemoteRegions | null
}

/** What a Region of this process can look up in others: nothing of those that it cannot reach now. */
export function lookElsewhere(hosts: RegionHosts, here: Region, { isConnected, remote }: Reach): Elsewhere {
  const isInReach = (region: Region) => region === here || isConnected(here, region)
  const isRemote = (region: Region) => remote?.regions.includes(region) === true
  return {
    async keyIn(region, account, keyId) {
      if (!isInReach(region)) return undefined
      return isRemote(region) ? remote?.keyIn(region, account, keyId) : hosts.get(region)?.keys.key(account, keyId)
    },
    async countKeysIn(region, account) {
      if (!isInReach(region)) return undefined
      if (isRemote(region)) return remote?.countKeysIn(region, account)
      return hosts.served.includes(region)
        ? ((await hosts.get(region)?.store.reads.countKeys(account)) ?? 0)
        : undefined
    },
    get regions() {
      return [...hosts.served, ...(remote?.regions ?? [])]
    },
    get strangers() {
      return remote?.strangers ?? []
    },
  }
}

/**
 * What Regions know of an account: those of this process, where one that is not open holds nothing, and those of other
 * places. Nothing is known where one of them cannot be reached.
 */
export function lookInRegions(hosts: RegionHosts, { isConnected, remote }: Reach): RegionalReads {
  return {
    async multiRegionKeys(account, limit) {
      if (!hosts.served.every((region) => isConnected(region, region))) return null
      const found = new Map<Region, readonly string[]>()
      for (const region of hosts.served) {
        const ids = (await hosts.get(region)?.store.reads.keyIds(account, { after: MULTI_REGION_PREFIX, limit })) ?? []
        const keys = ids.map((id) => keyArn(region, account, id))
        if (keys.length > 0) found.set(region, keys)
      }
      for (const region of remote?.regions ?? []) {
        const keys = await remote?.multiRegionKeys(region, account, limit)
        if (keys === undefined) return null
        if (keys.length > 0) found.set(region, keys)
      }
      return found
    },
  }
}
