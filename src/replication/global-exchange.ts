/**
 * The exchange by which a Region keeps a copy of what belongs to none: a signed pull, and a signed reply with what has
 * changed since, secrets sealed to the pull's one-time key. It is the exchange of keys once more, over another content.
 */
import { hash, randomBytes, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { lengthPrefixed } from '../crypto/canonical.ts'
import { createReceiver, createSender, generateKemKeyPair } from '../crypto/sealing/hpke.ts'
import { PARTITION, type Region } from '../domain/region.ts'
import type { Changes, GlobalChange } from '../storage/global-store.ts'
import { ExchangeError, parse, PROTOCOL, requireSignature, signed, type Signed, type Signer } from './signed.ts'

const place = z.object({ table: z.number(), seq: z.number(), row: z.array(z.string()) }).nullable()

const globalPull = z.object({
  /** The Region that speaks for the home of what is global. */
  home: z.string(),
  destination: z.string(),
  /** How many changes the copy knows; 0 for none. */
  after: z.number().int().nonnegative(),
  /** In which span of the home's history the last of them was heard; an older version tells none. */
  span: z.string().nullable().default(null),
  /** Where the listing of changes goes on. */
  place,
  nonce: z.string(),
  /** The one-time public key, 97 bytes, base64. */
  recipientKey: z.string(),
})

/** What a Region asks its home. */
export type GlobalPull = z.infer<typeof globalPull>

const change = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('document'),
    key: z.object({ kind: z.string(), account: z.string(), name: z.string() }),
    id: z.string().nullable(),
    content: z.unknown(),
  }),
  z.object({
    type: z.literal('access-key'),
    key: z.object({
      id: z.string(),
      account: z.string(),
      owner: z.string().nullable(),
      /** Sealed to the one-time key, base64. */
      secret: z.string(),
      content: z.record(z.string(), z.unknown()),
      createdAt: z.number(),
      expiresAt: z.number().nullable(),
    }),
  }),
  z.object({ type: z.literal('deletion'), kind: z.string(), account: z.string(), name: z.string() }),
])

const globalReply = z.object({
  home: z.string(),
  destination: z.string(),
  /** SHA-384 of the pull that is answered. */
  pullHash: z.string(),
  encapsulated: z.string(),
  /** How many changes the home knew when it began to answer. */
  head: z.number().int().nonnegative(),
  /** The span of its history in which it is; an older version tells none. */
  span: z.string().nullable().default(null),
  changes: z.array(change),
  next: place,
})

/** What the home knew, and a page of what has changed. */
export interface GlobalNews extends Changes {
  readonly head: number
  readonly span: string | null
}

/** Asks the home for what has changed. The private key opens the secrets in the reply. */
export function createGlobalPull(
  signer: Signer,
  asked: Pick<GlobalPull, 'home' | 'destination' | 'after' | 'span' | 'place'>,
): { pull: Signed; recipient: KeyObject } {
  const { publicKey, privateKey } = generateKemKeyPair()
  const nonce = randomBytes(32).toString('base64')
  const pull: GlobalPull = { ...asked, nonce, recipientKey: publicKey.toString('base64') }
  return { pull: signed(signer, 'global-pull', pull), recipient: privateKey }
}

/** Reads a pull of the Region that holds `publicKey`. @throws ExchangeError */
export function readGlobalPull(request: Signed, publicKey: Buffer): GlobalPull {
  requireSignature(publicKey, 'global-pull', request)
  return valid(globalPull, request)
}

/**
 * Answers a pull.
 *
 * @param openSecret the secret of an access key as it is kept; it is wiped here
 */
export function createGlobalReply(
  signer: Signer,
  request: Signed,
  { home, destination, recipientKey }: GlobalPull,
  { head, span, changes, next }: GlobalNews,
  openSecret: (id: string, kept: string) => Buffer,
): Signed {
  const pullHash = hash('sha384', request.payload, 'base64')
  const sender = createSender(Buffer.from(recipientKey, 'base64'), info(home, destination, pullHash))
  const sealed = changes.map((each): GlobalChange => {
    if (each.type !== 'access-key') return each
    const secret = openSecret(each.key.id, each.key.secret)
    try {
      return { ...each, key: { ...each.key, secret: sender.seal(bound(each.key.id), secret).toString('base64') } }
    } finally {
      secret.fill(0)
    }
  })
  const encapsulated = sender.enc.toString('base64')
  return signed(signer, 'global-reply', {
    home,
    destination,
    pullHash,
    encapsulated,
    head,
    span,
    changes: sealed,
    next,
  })
}

/**
 * Reads the reply to `request`.
 *
 * @param keepSecret makes of the secret of an access key what is kept of it; the secret is wiped here
 * @throws ExchangeError where it is not the answer of the Region that holds `publicKey`
 */
export function readGlobalReply(
  answer: Signed,
  publicKey: Buffer,
  request: Signed,
  recipient: KeyObject,
  keepSecret: (id: string, secret: Buffer) => string,
): GlobalNews {
  requireSignature(publicKey, 'global-reply', answer)
  const reply = valid(globalReply, answer)
  const { home, destination } = parse<GlobalPull>(request.payload)
  const pullHash = hash('sha384', request.payload, 'base64')
  if (reply.pullHash !== pullHash || reply.home !== home || reply.destination !== destination) {
    throw new ExchangeError(`The reply of ${home} answers another question than the one it was asked.`)
  }
  const receiver = createReceiver(
    recipient,
    Buffer.from(reply.encapsulated, 'base64'),
    info(home, destination, pullHash),
  )
  const changes = reply.changes.map((each) => {
    if (each.type !== 'access-key') return each
    const { id, secret: sealed } = each.key
    const secret = receiver.open(bound(id), Buffer.from(sealed, 'base64'))
    if (secret === null) throw new ExchangeError(`The secret of the access key ${id} from ${home} does not open.`)
    try {
      return { ...each, key: { ...each.key, secret: keepSecret(id, secret) } }
    } finally {
      secret.fill(0)
    }
  })
  return { head: reply.head, span: reply.span, changes: changes as readonly GlobalChange[], next: reply.next }
}

function valid<Content>(shape: z.ZodType<Content>, { payload }: Signed): Content {
  const read = shape.safeParse(parse(payload))
  if (read.success) return read.data
  throw new ExchangeError('What a Region has signed is not what Regions of this version say.')
}

function info(home: Region, destination: Region, pullHash: string): Buffer {
  return lengthPrefixed(`${PROTOCOL} access-key`, PARTITION, home, destination, pullHash)
}

function bound(id: string): Buffer {
  return lengthPrefixed('access-key', id)
}
