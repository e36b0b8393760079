import { z } from 'zod'
import { lengthPrefixed } from '../../crypto/canonical.ts'
import { sign, verify } from '../../crypto/region-signature.ts'
import type { Checkpoint, StateCommitment } from '../../crypto/transparency/checkpoint.ts'
import {
  parseVerifier,
  signNote,
  verifierText,
  type NoteSignature,
  type Signer,
} from '../../crypto/transparency/note.ts'
import { isConsistent } from '../../crypto/transparency/proof.ts'
import { WITNESSED } from '../../storage/own-names.ts'
import type { RegionStore } from '../../storage/store.ts'
import type { Vault } from '../../storage/vault.ts'
import { CheckpointError, openCheckpoint } from './tree-files.ts'

/** What one log asks a witness to vouch for. */
export interface Offer {
  /** The Region of the log, or `global`. */
  readonly place: string
  /** The key of the log, and what binds it to its Region: the signature of the Region's identity. */
  readonly verifier: string
  readonly introduction: Buffer | null
  /** A signed checkpoint. */
  readonly note: string
  /** The size that the proof goes on from: what the log knows the witness to have seen. */
  readonly from: number
  readonly proof: readonly Buffer[]
}

/** What a witness answers: its signature; or how much it has seen, where the proof goes on from elsewhere. */
export type Answer =
  | { readonly kind: 'cosigned'; readonly signature: NoteSignature }
  | { readonly kind: 'seen'; readonly size: number }
  | { readonly kind: 'refused'; readonly reason: string }

/** What a store has seen of a log. */
const seenShape = z.object({
  verifier: z.string(),
  size: z.number(),
  root: z.string(),
  begun: z.string(),
  writes: z.number(),
  digest: z.string(),
})
export type Seen = z.infer<typeof seenShape>

/** The name under which a store keeps what it has seen of the log of a place. */
export function seenName(place: string): string {
  return `${WITNESSED}${place}`
}

/** Reads what a store has seen of a log; null where that is nothing. */
export function parseSeen(text: string | null): Seen | null {
  return text === null ? null : seenShape.parse(JSON.parse(text))
}

/** What is kept of a checkpoint. */
export function seenOf(verifier: string, { size, root, state }: Checkpoint): Seen {
  return { verifier, size, root: root.toString('base64'), ...state }
}

/** Sees that the logs of others are only ever added to, and vouches for that. */
export interface Witness {
  /**
   * Vouches for checkpoints that go on from what this Region has seen of their logs before. What it has seen lasts: it
   * is on disk before it vouches.
   */
  see(offers: readonly Offer[]): Promise<readonly Answer[]>
}

/** What a Region vouches with, and what it knows of others. */
interface WitnessPlace {
  readonly store: Pick<RegionStore, 'putMarks'> & { readonly reads: Pick<RegionStore['reads'], 'meta' | 'peer'> }
  readonly key: Signer
  readonly originOf: (place: string) => string
  readonly now: () => number
}

/** The witness of a Region. */
export function createWitness({ store, key, originOf, now }: WitnessPlace): Witness {
  const known = new Map<string, Seen>()
  const seen = async (place: string): Promise<Seen | null> =>
    known.get(place) ?? parseSeen(await store.reads.meta(seenName(place)))

  async function judge(offer: Offer): Promise<{ readonly answer: Answer; readonly seen: Seen | null }> {
    const before = await seen(offer.place)
    const refusal = before === null ? await strangerTrouble(offer, store, originOf) : keyTrouble(offer, before)
    if (refusal !== null) return refuse(refusal)
    const verifier = parseVerifier(offer.verifier)
    if (verifier === null || verifier.kind !== 'log') return refuse(`"${offer.verifier}" is no key of a log`)
    if (before !== null && offer.from !== before.size) {
      return { answer: { kind: 'seen', size: before.size }, seen: null }
    }
    try {
      const { note, checkpoint } = openCheckpoint(offer.note, verifier, 'It')
      const trouble = before === null ? null : historyTrouble(before, checkpoint, offer.proof)
      if (trouble !== null) return refuse(trouble)
      const signature = signNote(key, note.text, Math.floor(now() / 1000))
      const isNews = before === null || checkpoint.size > before.size
      return { answer: { kind: 'cosigned', signature }, seen: isNews ? seenOf(offer.verifier, checkpoint) : null }
    } catch (error) {
      if (error instanceof CheckpointError) return refuse(error.message)
      throw error
    }
  }

  return {
    async see(offers) {
      const judged: Awaited<ReturnType<typeof judge>>[] = []
      for (const offer of offers) judged.push(await judge(offer))
      const news = judged.flatMap(({ seen: each }, index) => {
        const place = offers[index]?.place
        return each === null || place === undefined ? [] : [[place, each] as const]
      })
      if (news.length > 0) {
        await store.putMarks(new Map(news.map(([place, each]) => [seenName(place), JSON.stringify(each)])))
        for (const [place, each] of news) known.set(place, each)
      }
      return judged.map(({ answer }) => answer)
    },
  }
}

function refuse(reason: string): { readonly answer: Answer; readonly seen: null } {
  return { answer: { kind: 'refused', reason }, seen: null }
}

/** What is wrong with the key of a log that was never seen. */
async function strangerTrouble(
  { place, verifier, introduction }: Offer,
  { reads }: WitnessPlace['store'],
  originOf: (place: string) => string,
): Promise<string | null> {
  if (parseVerifier(verifier)?.name !== originOf(place)) return `its key has another name: ${verifier}`
  // What belongs to no Region has no identity: its key is believed when it is first seen.
  if (introduction === null) return place === 'global' ? null : 'nobody says that its key is its own'
  const peer = await reads.peer(place)
  if (peer !== null && verify(peer.publicKey, introduced(verifier), introduction)) return null
  return `its key ${verifier} is not signed by the identity of ${place}`
}

function keyTrouble({ verifier }: Offer, before: Seen): string | null {
  return verifier === before.verifier ? null : `it is signed by another key: ${verifier}, and was by ${before.verifier}`
}

/** What is wrong with a checkpoint, to somebody who has seen an earlier one; null where it goes on from there. */
export function historyTrouble(before: Seen, checkpoint: Checkpoint, proof: readonly Buffer[]): string | null {
  const { size, state } = checkpoint
  if (size < before.size) return `it has ${size} records, and had ${before.size}: it was put back, or its end was cut`
  if (!isConsistent({ size: before.size, root: Buffer.from(before.root, 'base64') }, checkpoint, proof)) {
    return `its first ${before.size} records are not those that were seen before: they were rewritten`
  }
  return stateTrouble(before, state)
}

/** What is wrong with a state, to somebody who has seen an earlier one. */
export function stateTrouble(before: StateCommitment, state: StateCommitment): string | null {
  if (state.begun !== before.begun) return 'the digest of its database was begun anew'
  if (state.writes < before.writes) {
    return `its database has made ${state.writes} transactions, and had made ${before.writes}: it was put back`
  }
  if (state.writes === before.writes && state.digest !== before.digest) {
    return 'its database is another than the one that was seen'
  }
  return null
}

/** Says, by the identity of a Region, that a key is that of its log. */
export function introduce({ identity }: Pick<Vault, 'identity'>, key: Signer): Buffer {
  return sign(identity.privateKey, introduced(verifierText(key)))
}

function introduced(verifier: string): Buffer {
  return lengthPrefixed('kms-audit/1 log key', verifier)
}
