/**
 * The exchange by which one Region follows another: a signed pull, and a signed reply that carries the entries and,
 * sealed to the pull's one-time key, the materials they bring.
 *
 * Both sides' keys for the sealing live for one exchange only (forward secrecy); the reply names the pull by its
 * hash (freshness); both are signed by Region identities that were exchanged beforehand. AWS's own replication
 * has this shape (AWS KMS Cryptographic Details, "Multi-Region keys").
 */
import { hash, randomBytes, type KeyObject } from 'node:crypto'
import { lengthPrefixed } from '../crypto/canonical.ts'
import { createReceiver, createSender, generateKemKeyPair } from '../crypto/sealing/hpke.ts'
import type { MaterialId } from '../domain/material-id.ts'
import { PARTITION, type Region } from '../domain/region.ts'
import type { Cursor, OutboxEntry } from '../storage/store.ts'
import type { StreamPlace } from './lives.ts'
import { ExchangeError, parse, PROTOCOL, requireSignature, signed, type Signed, type Signer } from './signed.ts'

/** What a Region asks another: everything after what it has followed. */
export interface Pull {
  readonly source: Region
  readonly destination: Region
  readonly incarnation: string
  readonly afterSeq: number
  readonly afterHash: string
  readonly nonce: string
  /** The one-time public key, 97 bytes, base64. */
  readonly recipientKey: string
  readonly max: number
  /** The life in which whoever asks is; absent where an older version asks. */
  readonly life?: string
  /** Where its own stream to the source begins in that life. */
  readonly start?: StreamPlace
  /** It does not know how far it has heard the source: it asks where to go on. */
  readonly isLost?: boolean
}

/** What a Region has heard of the one that asks it. */
export interface Mark extends StreamPlace {
  /** Empty where that of the one that asks has ended here. */
  readonly life: string
  /** Whether it has ended because somebody has declared the one that asks to be gone. */
  readonly isDeclared?: boolean
}

/** A material on its way: sealed, and named. */
export interface SealedMaterial {
  readonly id: MaterialId
  readonly sealed: string
}

/** One entry of a stream on its way. */
export interface ReplyEntry {
  readonly seq: number
  readonly account: string
  readonly keyId: string
  readonly body: string
  readonly hash: string
  readonly materials: readonly SealedMaterial[]
}

/** What a Region answers. */
export interface Reply {
  readonly source: Region
  readonly destination: Region
  /** SHA-384 of the pull that is answered. */
  readonly pullHash: string
  /** HPKE's encapsulated key for the materials of this reply. */
  readonly encapsulated: string
  readonly entries: readonly ReplyEntry[]
  /** How far it has heard whoever asks; absent where an older version answers. */
  readonly heard?: Mark
  /** Where whoever has lost its place goes on. */
  readonly start?: StreamPlace
}

/** What a reply says beside its entries. */
export type Aside = Pick<Reply, 'heard' | 'start'>

/** What a material is bound to on its way. */
export interface Passage {
  readonly keyId: string
  readonly account: string
  readonly scopeArn: string
  readonly spec: string
  readonly usage: string
  readonly origin: string
  readonly materialId: MaterialId
  readonly generation: number
  readonly source: Region
  readonly destination: Region
  readonly seq: number
}

/** Asks `source` for what it has said since `cursor`. The private key opens the reply's materials. */
export function createPull(
  signer: Signer,
  destination: Region,
  cursor: Cursor,
  max: number,
  self: Required<Pick<Pull, 'life' | 'start' | 'isLost'>>,
): { pull: Signed; recipient: KeyObject } {
  const { publicKey, privateKey } = generateKemKeyPair()
  const pull: Pull = {
    source: cursor.source,
    destination,
    incarnation: cursor.incarnation,
    afterSeq: cursor.seq,
    afterHash: cursor.hash.toString('base64'),
    nonce: randomBytes(32).toString('base64'),
    recipientKey: publicKey.toString('base64'),
    max,
    ...self,
  }
  return { pull: signed(signer, 'pull', pull), recipient: privateKey }
}

/** Who a pull claims to come from. Nothing of it may be believed before `readPull` has verified it. */
export function claimedDestination({ payload }: Signed): Region {
  return String(parse<Partial<Pull>>(payload).destination)
}

/** Reads a pull of the Region that holds `publicKey`. */
export function readPull(request: Signed, publicKey: Buffer): Pull {
  requireSignature(publicKey, 'pull', request)
  return parse<Pull>(request.payload)
}

/** Answers a pull with entries; `materialsOf` opens what each of them brings. */
export function createReply(
  signer: Signer,
  request: Signed,
  pull: Pull,
  entries: readonly OutboxEntry[],
  materialsOf: (entry: OutboxEntry) => ReadonlyMap<Passage, KeyObject>,
  aside: Aside = {},
): Signed {
  const pullHash = hash('sha384', request.payload, 'base64')
  const sender = createSender(Buffer.from(pull.recipientKey, 'base64'), info(pull, pullHash))
  const reply: Reply = {
    ...aside,
    source: pull.source,
    destination: pull.destination,
    pullHash,
    encapsulated: sender.enc.toString('base64'),
    entries: entries.map((entry) => ({
      seq: entry.seq,
      account: entry.account,
      keyId: entry.keyId,
      body: entry.body,
      hash: entry.hash.toString('base64'),
      materials: [...materialsOf(entry)].map(([passage, material]) => {
        const bytes = material.export()
        try {
          return { id: passage.materialId, sealed: sender.seal(bound(passage), bytes).toString('base64') }
        } finally {
          bytes.fill(0)
        }
      }),
    })),
  }
  return signed(signer, 'reply', reply)
}

/** A reply that was proven to answer our pull. Materials are opened in the order of the entries, each once. */
export interface OpenReply {
  readonly entries: readonly ReplyEntry[]
  readonly aside: Aside
  /** Null where it does not open; it is passed over then. */
  open(passage: Passage, sealed: SealedMaterial): Buffer | null
  /** Passes over a material that nobody wants any more. */
  skip(): void
}

/** Reads the reply to `request`. */
export function readReply(answer: Signed, publicKey: Buffer, request: Signed, recipient: KeyObject): OpenReply {
  requireSignature(publicKey, 'reply', answer)
  const reply = parse<Reply>(answer.payload)
  const pull = parse<Pull>(request.payload)
  const pullHash = hash('sha384', request.payload, 'base64')
  if (reply.pullHash !== pullHash || reply.source !== pull.source || reply.destination !== pull.destination) {
    throw new ExchangeError(`The reply of ${pull.source} answers another question than the one it was asked.`)
  }
  const receiver = createReceiver(recipient, Buffer.from(reply.encapsulated, 'base64'), info(pull, pullHash))
  return {
    entries: reply.entries,
    aside: reply,
    open(passage, { sealed }) {
      const opened = receiver.open(bound(passage), Buffer.from(sealed, 'base64'))
      if (opened === null) receiver.skip()
      return opened
    },
    skip: () => receiver.skip(),
  }
}

function info(pull: Pull, pullHash: string): Buffer {
  return lengthPrefixed(`${PROTOCOL} material`, PARTITION, pull.source, pull.destination, pull.incarnation, pullHash)
}

function bound(passage: Passage): Buffer {
  return lengthPrefixed(
    passage.keyId,
    passage.account,
    passage.scopeArn,
    passage.spec,
    passage.usage,
    passage.origin,
    passage.materialId,
    passage.generation,
    passage.source,
    passage.destination,
    BigInt(passage.seq),
  )
}
