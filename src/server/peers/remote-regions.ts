import { z } from 'zod'
import { keyArn } from '../../domain/arn.ts'
import type { Grant } from '../../domain/grant.ts'
import { MULTI_REGION_PREFIX } from '../../domain/key-id.ts'
import { keyState } from '../../domain/key-state.ts'
import { arnOf, type KeyRecord } from '../../domain/key.ts'
import type { Region } from '../../domain/region.ts'
import { createGrantIndex } from '../../kernel/keys/grant-index.ts'
import { compileStoredPolicy } from '../../kernel/keys/policy.ts'
import type { KeySnapshot } from '../../kernel/keys/snapshot.ts'
import type { RemoteRegions } from '../../kernel/reads.ts'
import type { RegionHosts } from '../../kernel/region-host.ts'
import type { PeerClient } from './peer-client.ts'
import { PeerError } from './peer-error.ts'

/** What one Region asks another before it decides something that concerns both. Nothing secret is told. */
export const question = z.discriminatedUnion('about', [
  z.object({ about: z.literal('key'), account: z.string(), keyId: z.string() }),
  z.object({
    about: z.literal('grants'),
    account: z.string(),
    keyId: z.string(),
    grantees: z.array(z.string()).max(100),
  }),
  z.object({ about: z.literal('count'), account: z.string() }),
  z.object({ about: z.literal('multi-region'), account: z.string(), limit: z.number().int().min(1).max(1000) }),
])

const found = z.object({ record: z.record(z.string(), z.unknown()), aliases: z.array(z.string()) }).nullable()
const keyAnswer = z.object({ key: found })
const grantsAnswer = z.object({ grants: z.array(z.record(z.string(), z.unknown())) })
const keysAnswer = z.object({ keys: z.array(z.string()) })
const countAnswer = z.object({ count: z.number().int() })

/** Answers a question of another Region about one that is here. */
export async function answerQuestion(
  hosts: RegionHosts,
  region: Region,
  asked: z.infer<typeof question>,
): Promise<object> {
  const { keys, store } = await hosts.open(region)
  switch (asked.about) {
    case 'key': {
      const key = await keys.key(asked.account, asked.keyId)
      return { key: key && { record: key.record, aliases: key.aliases } } satisfies { key: unknown }
    }
    case 'grants':
      return { grants: await store.reads.grantsTo(asked.account, asked.keyId, asked.grantees) }
    case 'multi-region': {
      const ids = await store.reads.keyIds(asked.account, { after: MULTI_REGION_PREFIX, limit: asked.limit })
      return { keys: ids.map((id) => keyArn(region, asked.account, id)) }
    }
    case 'count':
      return { count: await store.reads.countKeys(asked.account) }
  }
}

/**
 * The Regions of other places, as those here look into them.
 *
 * @param clientOf undefined where it has no address, or is not trusted
 */
export function createRemoteRegions(
  regions: () => readonly Region[],
  strangers: () => readonly Region[],
  clientOf: (region: Region) => PeerClient | undefined,
): RemoteRegions {
  /** Undefined where the Region cannot be reached. */
  async function ask<Answer>(
    region: Region,
    asked: z.infer<typeof question>,
    shape: z.ZodType<Answer>,
  ): Promise<Answer | undefined> {
    try {
      return shape.parse(await clientOf(region)?.ask('/ask', asked))
    } catch (error) {
      if (error instanceof PeerError || error instanceof z.ZodError) return undefined
      throw error
    }
  }
  return {
    get regions() {
      return regions()
    },
    get strangers() {
      return strangers()
    },
    async keyIn(region, account, keyId) {
      const answer = await ask(region, { about: 'key', account, keyId }, keyAnswer)
      if (answer === undefined) return undefined
      if (answer.key === null) return null
      const { record, aliases } = answer.key
      const grantsTo = async (grantees: readonly string[]): Promise<readonly Grant[]> => {
        const asked = { about: 'grants' as const, account, keyId, grantees: [...grantees] }
        return ((await ask(region, asked, grantsAnswer))?.grants ?? []) as unknown as readonly Grant[]
      }
      return snapshotOf(record as unknown as KeyRecord, aliases, grantsTo)
    },
    async multiRegionKeys(region, account, limit) {
      return (await ask(region, { about: 'multi-region', account, limit }, keysAnswer))?.keys
    },
    async countKeysIn(region, account) {
      return (await ask(region, { about: 'count', account }, countAnswer))?.count
    },
  }
}

/** A key of another place: it can be decided about, and not used. */
function snapshotOf(
  record: KeyRecord,
  aliases: readonly string[],
  grantsTo: (grantees: readonly string[]) => Promise<readonly Grant[]>,
): KeySnapshot {
  return {
    record,
    bytes: 0,
    arn: arnOf(record),
    state: keyState(record),
    aliases,
    policy: compileStoredPolicy(record.policy, record.principals),
    grantsOf: createGrantIndex(grantsTo),
    unheard: () => [],
    sealer: () => null,
    working: null,
  }
}
