import pLimit from 'p-limit'
import type { Region } from '../../domain/region.ts'
import { noteText, verifierText, type NoteSignature, type Signer } from '../../crypto/transparency/note.ts'
import { recoverCommand } from '../data/recover-command.ts'
import type { DataDirectory } from '../data/data-directory.ts'
import type { OpenGlobal } from '../regions/open-global.ts'
import type { OpenRegion } from '../regions/open-region.ts'
import { openLogKeys, originOf } from './log-keys.ts'
import { openNotary, type Notary } from './notary.ts'
import type { SignedCheckpoint } from './tree-files.ts'
import {
  createWitness,
  historyTrouble,
  introduce,
  parseSeen,
  seenName,
  seenOf,
  type Answer,
  type Offer,
  type Witness,
} from './witness.ts'

/** How often logs are looked at: what was recorded is in a checkpoint about so much later. */
const ROUND_MS = 1000
/** Vouching rests so many times as long as it has taken: with many Regions it takes a tenth of the time at most. */
const REST = 9
/** How often a store keeps how far its own log has come. */
const KEEP_MS = 60_000
/** The same trouble is not told again for so long. */
const TELL_MS = 60 * 60 * 1000

const GLOBAL = 'global'

/** Keeps a Merkle tree of every audit log, and has each Region vouch for the logs of the others. */
export interface Transparency {
  /** What an operator must know; nothing where all is well. */
  readonly notices: () => readonly string[]
  /** How far each log's checkpoints have come. */
  readonly checkpoints: () => readonly CheckpointFigures[]
  /** What a log has last signed, and by which keys it is checked; null where there is no such log. */
  signed(place: string): SignedLog | null
  /**
   * Deletes the files of a log before one, when it has its turn; gives how many records they had.
   *
   * @param place a Region, or `global`
   */
  deleteBefore(place: string, file: string): Promise<number>
  /** @param isConnected whether two Regions can reach each other now */
  start(isConnected: Connected): void
  /** Covers what was recorded until now. */
  stop(): Promise<void>
}

/** How far the checkpoints of one log have come. */
export interface CheckpointFigures {
  /** A Region, or `global`. */
  readonly place: string
  /** Of the newest checkpoint, in epoch milliseconds of the server's clock; null before the first one. */
  readonly at: number | null
  /** How many other Regions have vouched for what they were last asked about. */
  readonly witnesses: number
}

/** What a log says of itself, and who may vouch for it. */
export interface SignedLog {
  /** The public key of the log. */
  readonly key: string
  /** Those of the Regions that may vouch for it, by their names. */
  readonly witnesses: ReadonlyMap<string, string>
  /** The newest checkpoint, signed; null before the first one. */
  readonly checkpoint: string | null
}

type Connected = (one: Region, other: Region) => boolean

/** What it looks after. */
export interface TransparencyPlace {
  readonly data: DataDirectory
  readonly deployment: string
  /** Asked each time, for Regions are opened meanwhile. */
  readonly regions: Iterable<OpenRegion>
  readonly global: OpenGlobal
  readonly now: () => number
  readonly retry: (error: unknown, what: string) => void
  readonly alarm: (text: string) => void
}

/** A log, and whoever vouches for others beside it. */
interface Party {
  readonly place: string
  readonly host: OpenRegion | OpenGlobal
  readonly notary: Notary
  readonly verifier: string
  /** By the identity that the Region has now; null for what belongs to none. */
  readonly introduce: () => Buffer | null
  /** Null for what belongs to no Region. */
  readonly witness: Witness | null
  readonly witnessKey: string | null
  /** How much each witness has seen, as far as is known. */
  readonly seenBy: Map<string, number>
  /** What each witness was last asked about, and its signature; null where it has given none. */
  readonly asked: Map<string, { readonly about: SignedCheckpoint; readonly signature: NoteSignature | null }>
  /** What the store has last kept of its own log, in records. */
  kept: number
}

/** Opens the trees of the logs, and looks at once whether they are what they were. */
export async function openTransparency(about: TransparencyPlace): Promise<Transparency> {
  const parties = new Map<string, Party>()
  const troubles = createTroubles(about.alarm)
  const attempt = createAttempts(about.retry)
  let isConnected: Connected | null = null
  let rested = 0
  let keptAt = performance.now()

  async function meet(): Promise<void> {
    for (const host of [about.global, ...about.regions]) {
      const place = 'region' in host ? host.region : GLOBAL
      if (parties.has(place)) continue
      const party = await attempt(`open the tree of the audit log of ${place}`, () => openParty(host, place, about))
      if (party !== null) parties.set(place, party)
    }
  }

  async function advance(): Promise<boolean> {
    let isMore = false
    for (const { place, notary } of parties.values()) {
      if ((await attempt(`checkpoint of the audit log of ${place}`, () => notary.advance())) === true) isMore = true
      troubles.note(place, notary.trouble)
    }
    return isMore
  }

  async function round(): Promise<boolean> {
    await meet()
    const isMore = await advance()
    const begun = performance.now()
    if (begun >= rested) {
      const all = [...parties.values()]
      await attempt('vouch for audit logs', () =>
        vouch(all, troubles, (one, other) => one === GLOBAL || (isConnected?.(one, other) ?? true)),
      )
      rested = performance.now() + REST * (performance.now() - begun)
    }
    if (begun - keptAt >= KEEP_MS) {
      keptAt = begun
      await attempt('keep how far audit logs have come', () => keepOwn(parties.values()))
    }
    return isMore
  }

  const inTurn = pLimit(1)
  const loop = createLoop(() => inTurn(round))
  await meet()
  for (const party of parties.values()) troubles.note(party.place, party.notary.trouble)
  await compare([...parties.values()], troubles)
  return {
    notices: troubles.all,
    checkpoints: () => [...parties.values()].map(figuresOf),
    signed: (place) => signedBy(parties, place),
    deleteBefore: (place, file) => inTurn(() => deleteBefore(parties.get(place), file, troubles)),
    start(connected) {
      isConnected = connected
      loop.start()
    },
    async stop() {
      await loop.stop()
      await attempt('cover the end of audit logs', async () => {
        for (const { host } of parties.values()) await host.audit.sync()
        do rested = 0
        while (await round())
        await keepOwn(parties.values())
      })
      for (const { notary } of parties.values()) await notary.close()
    },
  }
}

async function openParty(host: OpenRegion | OpenGlobal, place: string, about: TransparencyPlace): Promise<Party> {
  const { data, deployment, now } = about
  const keys = await openLogKeys(host.store, originOf(deployment, place))
  const known = parseSeen(await host.store.reads.meta(seenName(place)))
  const { audit, store } = host
  const directories = { log: data.audit(place), directory: data.tree(place) }
  const isRegion = 'region' in host
  const recover = isRegion ? recoverCommand(data, place) : null
  const notary = await openNotary({ ...directories, audit, store, key: keys.log, known, recover, now })
  const naming = (each: string) => originOf(deployment, each)
  return {
    place,
    host,
    notary,
    verifier: verifierText(keys.log),
    introduce: isRegion ? introducer(host.vault, keys.log) : () => null,
    witness: isRegion ? createWitness({ store: host.store, key: keys.witness, originOf: naming, now }) : null,
    witnessKey: isRegion ? verifierText(keys.witness) : null,
    seenBy: new Map(),
    asked: new Map(),
    kept: known?.size ?? 0,
  }
}

/** Signs the key of a log once by each identity that its Region has. */
function introducer(vault: OpenRegion['vault'], key: Signer): () => Buffer {
  let by: unknown = null
  let signed: Buffer = Buffer.alloc(0)
  return () => {
    if (by !== vault.identity) {
      by = vault.identity
      signed = introduce(vault, key)
    }
    return signed
  }
}

async function deleteBefore(party: Party | undefined, file: string, troubles: Troubles): Promise<number> {
  if (party === undefined) return 0
  const deleted = await party.notary.deleteBefore(file)
  troubles.note(party.place, party.notary.trouble)
  return deleted
}

function figuresOf({ place, notary, asked }: Party): CheckpointFigures {
  const witnesses = [...asked.values()].filter(({ signature }) => signature !== null).length
  return { place, at: notary.sealed?.checkpoint.time ?? null, witnesses }
}

function signedBy(parties: ReadonlyMap<string, Party>, place: string): SignedLog | null {
  const party = parties.get(place)
  if (party === undefined) return null
  const { verifier: key, notary } = party
  const witnesses = [...parties.values()].flatMap(({ place: each, witnessKey }) =>
    each === place || witnessKey === null ? [] : [[each, witnessKey] as const],
  )
  return {
    key,
    witnesses: new Map(witnesses),
    checkpoint: notary.sealed === null ? null : noteText(notary.sealed.note),
  }
}

/** Has every witness look at what it has not seen of the logs of others. */
async function vouch(
  parties: readonly Party[],
  troubles: Troubles,
  isConnected: (one: Region, other: Region) => boolean,
): Promise<void> {
  const vouchedFor = new Set<Party>()
  for (const { place, witness } of parties) {
    if (witness === null) continue
    const others = parties.filter(
      (party) =>
        party.place !== place &&
        party.notary.sealed !== (party.asked.get(place)?.about ?? null) &&
        isConnected(party.place, place),
    )
    for (const [party, about, answer] of await ask(witness, place, others)) {
      const signature = answer.kind === 'cosigned' ? answer.signature : null
      party.asked.set(place, { about, signature })
      if (signature !== null) vouchedFor.add(party)
      const reason = answer.kind === 'refused' ? seenOtherwise(party.place, place, answer.reason) : null
      troubles.note(`${party.place} ${place}`, reason)
    }
  }
  for (const { notary, asked } of vouchedFor) {
    const now = [...asked.values()].filter(({ about }) => about === notary.sealed)
    await notary.keepCosigned(now.flatMap(({ signature }) => signature ?? []))
  }
}

type Asked = readonly [party: Party, about: SignedCheckpoint, answer: Answer]

/** Asks a witness; once more where it has seen something else than was thought. */
async function ask(witness: Witness, place: string, others: readonly Party[]): Promise<readonly Asked[]> {
  const first = await askOnce(witness, place, others)
  const again = first.flatMap(([party, , answer]) => {
    if (answer.kind !== 'seen') return []
    party.seenBy.set(place, answer.size)
    return [party]
  })
  if (again.length === 0) return first
  return [...first.filter(([, , answer]) => answer.kind !== 'seen'), ...(await askOnce(witness, place, again))]
}

async function askOnce(witness: Witness, place: string, others: readonly Party[]): Promise<readonly Asked[]> {
  const offers: Offer[] = []
  const about: (readonly [Party, SignedCheckpoint])[] = []
  for (const party of others) {
    const { verifier, notary } = party
    if (notary.sealed === null) continue
    const from = party.seenBy.get(place) ?? 0
    const proof = await notary.proofFrom(from)
    const introduction = from === 0 ? party.introduce() : null
    offers.push({ place: party.place, verifier, introduction, note: noteText(notary.sealed.note), from, proof })
    about.push([party, notary.sealed])
  }
  const answers = offers.length === 0 ? [] : await witness.see(offers)
  return answers.flatMap((answer, index): readonly Asked[] => {
    const [party, sealed] = about[index] ?? []
    if (party === undefined || sealed === undefined) return []
    if (answer.kind === 'cosigned') party.seenBy.set(place, sealed.checkpoint.size)
    return [[party, sealed, answer]]
  })
}

/** Holds what stores have seen of logs against what they are now, as far as that is seen without a proof. */
async function compare(parties: readonly Party[], troubles: Troubles): Promise<void> {
  for (const { place: witness, host } of parties) {
    for (const { place, notary, verifier } of parties) {
      const seen = place === witness ? null : parseSeen(await host.store.reads.meta(seenName(place)))
      if (seen === null || notary.sealed === null) continue
      const { checkpoint } = notary.sealed
      if (seen.verifier !== verifier) {
        troubles.note(`${place} ${witness}`, seenOtherwise(place, witness, 'it is signed by another key'))
      } else if (checkpoint.size <= seen.size) {
        const trouble = historyTrouble(seen, checkpoint, [])
        troubles.note(`${place} ${witness}`, trouble === null ? null : seenOtherwise(place, witness, trouble))
      }
    }
  }
}

function seenOtherwise(place: string, witness: string, reason: string): string {
  return `The audit log of ${place} is not what ${witness} has seen: ${reason}.`
}

/** Each store keeps how far its own log has come: who changes the log must change the database as well. */
async function keepOwn(parties: Iterable<Party>): Promise<void> {
  for (const party of parties) {
    const { sealed } = party.notary
    if (sealed === null || sealed.checkpoint.size <= party.kept) continue
    const seen = seenOf(party.verifier, sealed.checkpoint)
    await party.host.store.putMarks(new Map([[seenName(party.place), JSON.stringify(seen)]]))
    party.kept = sealed.checkpoint.size
  }
}

/** What is wrong now, by what it is about. */
interface Troubles {
  note(about: string, text: string | null): void
  readonly all: () => readonly string[]
}

function createTroubles(alarm: (text: string) => void): Troubles {
  const known = new Map<string, { readonly text: string; readonly toldAt: number }>()
  return {
    note(about, text) {
      if (text === null) return void known.delete(about)
      const last = known.get(about)
      if (last?.text === text && performance.now() - last.toldAt < TELL_MS) return
      known.set(about, { text, toldAt: performance.now() })
      alarm(text)
    },
    all: () => [...known.values()].map(({ text }) => `${text} What to do: keyspan audit verify`),
  }
}

/** Does what may fail, and gives null then. It is told once for each time that something begins to fail. */
function createAttempts(retry: (error: unknown, what: string) => void) {
  const failing = new Set<string>()
  return async <Result>(what: string, work: () => Promise<Result>): Promise<Result | null> => {
    try {
      const result = await work()
      failing.delete(what)
      return result
    } catch (error) {
      if (!failing.has(what)) retry(error, what)
      failing.add(what)
      return null
    }
  }
}

/** Rounds that follow each other: at once where there is more to do. */
function createLoop(round: () => Promise<boolean>) {
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> | null = null
  let isStopped = false
  const next = (delay: number): void => {
    timer = setTimeout(() => {
      running = goRound()
    }, delay)
  }
  const goRound = async (): Promise<void> => {
    const isMore = await round()
    if (!isStopped) next(isMore ? 0 : ROUND_MS)
  }
  return {
    start: () => next(0),
    async stop() {
      isStopped = true
      if (timer !== null) clearTimeout(timer)
      await running
    },
  }
}
