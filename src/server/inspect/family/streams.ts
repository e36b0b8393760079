/** What the Regions of a key have said to each other of it: what is unheard, and since when something is waited for. */
import type { Touched, SaidEntry } from '../../../storage/store.ts'
import type { Region } from '../../../domain/region.ts'
import type { Message } from '../../../replication/message.ts'
import { messageOf } from '../../../replication/outbox.ts'
import type { OpenRegion } from '../../regions/open-region.ts'

/** So many messages of a key are counted on one line. */
export const MOST_UNHEARD = 100
/** So far back is looked for when something was first said. */
const MOST_SAID = 200

/** Messages of one key that a Region has yet to hear from another. */
export interface Unheard {
  readonly from: Region
  readonly to: Region
  /** At most MOST_UNHEARD are counted. */
  readonly messages: number
  /** When the first of them was said, in epoch milliseconds. */
  readonly since: number
  readonly says: readonly Message['body']['type'][]
  /** Whether the two can reach each other now. */
  readonly isConnected: boolean
}

/** Of what a Region is asked about its streams. */
export type Speaker = Pick<OpenRegion, 'region' | 'store'>

/** The streams between the Regions of one key. */
export interface FamilyStreams {
  /** What one has yet to hear from another; null where that is nothing. */
  unheard(from: Region, to: Region): Promise<Unheard | null>
  /**
   * When a Region first said something to another, in epoch milliseconds; null where that is not kept, or too long ago
   * to be looked for.
   */
  firstSaid(from: Region, to: Region, isMeant: (message: Message, body: string) => boolean): Promise<number | null>
}

/** What is known of lines. */
export interface FamilyLines {
  /** Whether a Region can be heard by another now. */
  readonly isHeard: (from: Region, to: Region) => boolean
  /** How far a Region of another place has followed `from`, which is here; null where it has not said so. */
  readonly followed: (from: Region, to: Region) => Promise<number | null>
}

export function familyStreams(
  speakers: Iterable<Speaker>,
  key: Touched,
  { isHeard, followed }: FamilyLines,
): FamilyStreams {
  const stores = new Map([...speakers].map(({ region, store }) => [region, store.reads]))
  const unheardEntries = async (from: Region, to: Region): Promise<readonly SaidEntry[]> => {
    const [source, destination] = [stores.get(from), stores.get(to)]
    // What a Region of another place has said is known there.
    if (source === undefined) return []
    const afterSeq = destination === undefined ? await followed(from, to) : ((await destination.cursor(from))?.seq ?? 0)
    if (afterSeq === null) return []
    return source.said(to, key, { afterSeq, limit: MOST_UNHEARD })
  }
  return {
    async unheard(from, to) {
      const entries = await unheardEntries(from, to)
      const [first] = entries
      if (first === undefined) return null
      const says = new Set(entries.map((entry) => messageOf(entry, from, to).body.type))
      const since = first.at
      return { from, to, messages: entries.length, since, says: [...says], isConnected: isHeard(from, to) }
    },
    async firstSaid(from, to, isMeant) {
      const find = (entries: readonly SaidEntry[]) =>
        entries.findIndex((entry) => isMeant(messageOf(entry, from, to), entry.body))
      const said = (await stores.get(from)?.said(to, key, { afterSeq: 0, limit: MOST_SAID, last: true })) ?? []
      const index = find(said)
      // What is the first of them may have been said before as well.
      if (index > 0 || said.length < MOST_SAID) return said[index]?.at ?? null
      const unheard = await unheardEntries(from, to)
      return unheard[find(unheard)]?.at ?? null
    },
  }
}
