/**
 * What Encrypt gives out: a clear header that names the material, and a CMS EncryptedData (RFC 5652, RFC 5084).
 *
 * Lengths and outer layout are those that AWS KMS's ciphertexts are seen to have, because programs are known to look
 * at them. Bound into it are the header, the key's scope and the encryption context.
 *
 *     0   5  01 02 02 00 78
 *     5  32  the material's id
 *    37   1  01, the version of this format
 *    38  16  N, from which the message key is derived together with the id
 *    54   4  the length of the rest
 *    58   .  ContentInfo { encryptedData { aes256-GCM { iv, 16 }, ciphertext and tag } }
 */
import type { KeyObject } from 'node:crypto'
import { headOf } from '../der.ts'
import { lengthPrefixed, uint32 } from '../canonical.ts'
import { deriveKey } from '../kdf.ts'
import { ownMemory } from '../own-memory.ts'
import { randomIv, randomPublic } from '../random.ts'
import { IV_BYTES, open, seal, TAG_BYTES } from './symmetric.ts'

/** Key-value pairs that have to be given again to decrypt. Their order means nothing. */
export type EncryptionContext = Readonly<Record<string, string>>

const MAGIC = Buffer.from('0102020078', 'hex')
const ID_OFFSET = 5
const ID_BYTES = 32
const VERSION_OFFSET = 37
const VERSION = 1
const NONCE_OFFSET = 38
const NONCE_BYTES = 16
const HEADER_BYTES = 54

/** The inner header: 'K', 1, no flags, and the plaintext's length between zeros. */
const INNER_HEADER = Buffer.from('4b01000000000000000000', 'hex')
const INNER_BYTES = INNER_HEADER.length
const LENGTH_OFFSET = 5
/** AWS's limit for a ciphertext. */
const MAX_BYTES = 6144

const ENCRYPTED_DATA = Buffer.from('06092a864886f70d010706', 'hex')
const DATA = Buffer.from('06092a864886f70d010701', 'hex')
const AES_256_GCM = Buffer.from('060960864801650304012e', 'hex')
const CMS_VERSION = Buffer.from('020100', 'hex')
const TAG_LENGTH = Buffer.from('020110', 'hex')

/** A message key serves at most so many messages and so long: far below the limit for random IVs (SP 800-38D, 8.3). */
const MESSAGES_PER_KEY = 2 ** 20
const MILLISECONDS_PER_KEY = 60_000
/** How many message keys of one material are kept ready to decrypt. The key has them as long as it is kept ready. */
const OPENING_KEYS = 8

/** What a ciphertext says of itself. Nothing of it is to be believed before it has been opened. */
export interface BlobHeader {
  /** 64 lowercase hex digits. */
  readonly materialId: string
  readonly bytes: Buffer
  readonly layout: Layout
}

/** Where the parts of a ciphertext of one length are; `template` is all that stands before the encrypted bytes. */
interface Layout {
  /** The length of the whole ciphertext. */
  readonly bytes: number
  readonly template: Buffer
  readonly ivOffset: number
  readonly sealedOffset: number
}

const layouts = new Map<number, Layout>()

/** Reads a ciphertext's header; null where it is none of ours, to the last byte of its encoding. */
export function parseBlob(blob: Uint8Array): BlobHeader | null {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength)
  const layout = bytes.length > MAX_BYTES ? null : layoutOfBlob(bytes.length)
  if (layout === null) return null
  const { template, ivOffset, sealedOffset } = layout
  const isSame = (start: number, end: number) => template.compare(bytes, start, end, start, end) === 0
  const isOurs =
    isSame(0, ID_OFFSET) &&
    isSame(VERSION_OFFSET, NONCE_OFFSET) &&
    isSame(HEADER_BYTES, ivOffset) &&
    isSame(ivOffset + IV_BYTES, sealedOffset)
  return isOurs ? { materialId: bytes.toString('hex', ID_OFFSET, ID_OFFSET + ID_BYTES), bytes, layout } : null
}

/** Seals and opens with one material of one key. */
export interface Sealer {
  /** @param now epoch milliseconds: a message key is not used for long */
  seal(plaintext: Uint8Array, context: EncryptionContext, now: number): Buffer
  /** Null where it is not authentic or the context is another. The caller wipes the plaintext. */
  open(header: BlobHeader, context: EncryptionContext): Buffer | null
}

/** A sealer; message keys are derived as they are needed and a few are kept. */
export function createSealer(of: { material: KeyObject; materialId: string; scopeArn: string }): Sealer {
  return new MaterialSealer(of)
}

class MaterialSealer implements Sealer {
  readonly #material: KeyObject
  readonly #materialId: string
  readonly #scopeArn: string
  #current: (MessageKey & { messages: number; readonly since: number }) | null = null
  #openingKeys: Map<string, MessageKey> | null = null

  constructor({ material, materialId, scopeArn }: Parameters<typeof createSealer>[0]) {
    this.#material = material
    this.#materialId = materialId
    this.#scopeArn = scopeArn
  }

  seal(plaintext: Uint8Array, context: EncryptionContext, now: number): Buffer {
    const by = this.#sealingKey(now)
    const { bytes, template, ivOffset, sealedOffset } = layoutOf(plaintext.length)
    // Every byte of it is written below.
    const blob = Buffer.allocUnsafe(bytes)
    blob.set(template)
    const iv = randomIv()
    blob.set(headerIn(by))
    blob.set(iv, ivOffset)
    // What is to be encrypted stands where the ciphertext will: it is written over.
    const inner = blob.subarray(sealedOffset, bytes - TAG_BYTES)
    inner.set(INNER_HEADER)
    inner.writeUInt32BE(plaintext.length, LENGTH_OFFSET)
    inner.set(plaintext, INNER_BYTES)
    const { ciphertext, tag } = seal(by.key, iv, this.#aadFor(by, context), inner)
    inner.set(ciphertext)
    blob.set(tag, bytes - TAG_BYTES)
    return blob
  }

  open({ materialId, bytes, layout }: BlobHeader, context: EncryptionContext): Buffer | null {
    const { ivOffset, sealedOffset } = layout
    // The rest of the header is as every header is: `parseBlob` takes no other.
    if (materialId !== this.#materialId) return null
    const iv = bytes.subarray(ivOffset, ivOffset + IV_BYTES)
    const tag = bytes.subarray(bytes.length - TAG_BYTES)
    const ciphertext = bytes.subarray(sealedOffset, bytes.length - TAG_BYTES)
    const by = this.#openingKey(bytes.subarray(NONCE_OFFSET, NONCE_OFFSET + NONCE_BYTES))
    const inner = open(by.key, iv, this.#aadFor(by, context), ciphertext, tag)
    if (inner === null) return null
    return isInner(inner) ? inner.subarray(INNER_BYTES) : null
  }

  #messageKey(nonce: Buffer): MessageKey {
    const id = Buffer.from(this.#materialId, 'hex')
    const key = deriveKey(this.#material, 'kms/symmetric/v1', Buffer.concat([id, nonce]))
    const [aad] = ownMemory(aadOf(headerOf(id, nonce), this.#scopeArn, {}))
    return { key, aad }
  }

  #sealingKey(now: number): MessageKey {
    const known = this.#current
    const isFresh =
      known !== null && known.messages < MESSAGES_PER_KEY && Math.abs(now - known.since) < MILLISECONDS_PER_KEY
    const key = isFresh ? known : { ...this.#messageKey(randomPublic(NONCE_BYTES)), messages: 0, since: now }
    key.messages += 1
    this.#current = key
    return key
  }

  #openingKey(nonce: Buffer): MessageKey {
    const keys = (this.#openingKeys ??= new Map())
    const name = nonce.toString('latin1')
    const known = keys.get(name)
    if (known !== undefined) return known
    const key = this.#messageKey(nonce)
    const [oldest] = keys.keys()
    if (keys.size >= OPENING_KEYS && oldest !== undefined) keys.delete(oldest)
    keys.set(name, key)
    return key
  }

  #aadFor(by: MessageKey, context: EncryptionContext): Buffer {
    return isEmpty(context) ? by.aad : aadOf(headerIn(by), this.#scopeArn, context)
  }
}

/** What encrypts messages for a time. */
interface MessageKey {
  readonly key: KeyObject
  /** What is authenticated besides, where there is no encryption context. */
  readonly aad: Buffer
}

/** What every ciphertext by a message key begins with. */
function headerOf(id: Uint8Array, nonce: Uint8Array): Buffer {
  return Buffer.concat([layoutOf(0).template.subarray(0, ID_OFFSET), id, Buffer.of(VERSION), nonce])
}

const AAD_LABEL = 'kms/ciphertext/v1'
/** Where the header stands in what is authenticated: behind the label, each after its length. */
const HEADER_IN_AAD = 4 + AAD_LABEL.length + 4

function aadOf(header: Buffer, scopeArn: string, context: EncryptionContext): Buffer {
  return lengthPrefixed(AAD_LABEL, header, scopeArn, encodeContext(context))
}

/** The header of what a message key encrypts. It is kept once, as part of what is authenticated. */
function headerIn({ aad }: MessageKey): Buffer {
  return aad.subarray(HEADER_IN_AAD, HEADER_IN_AAD + HEADER_BYTES)
}

function isEmpty(context: EncryptionContext): boolean {
  for (const _ in context) return false
  return true
}

/** The pairs in the order of their keys' UTF-8 bytes, each part with its length; no pairs are the same as none given. */
function encodeContext(context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).map(([key, value]) => [Buffer.from(key), Buffer.from(value)] as const)
  pairs.sort(([a], [b]) => a.compare(b))
  return Buffer.concat([uint32(pairs.length), ...pairs.map(([key, value]) => lengthPrefixed(key, value))])
}

/** Whether what was opened begins with the inner header of its length. */
function isInner(inner: Buffer): boolean {
  const header = Buffer.from(INNER_HEADER)
  header.writeUInt32BE(Math.max(0, inner.length - INNER_BYTES), LENGTH_OFFSET)
  return header.equals(inner.subarray(0, INNER_BYTES))
}

function layoutOf(plaintextBytes: number): Layout {
  const known = layouts.get(plaintextBytes)
  if (known !== undefined) return known
  const made = makeLayout(INNER_BYTES + plaintextBytes + TAG_BYTES)
  layouts.set(plaintextBytes, made)
  return made
}

/** The only length of a plaintext whose ciphertext has so many bytes; a few lengths belong to none. */
function layoutOfBlob(bytes: number): Layout | null {
  const fixed = layoutOf(0).bytes
  for (let growth = 0; growth <= MAX_GROWTH; growth += 1) {
    const plaintextBytes = bytes - fixed - growth
    if (plaintextBytes < 0) return null
    const layout = layoutOf(plaintextBytes)
    if (layout.bytes === bytes) return layout
  }
  return null
}

/** By how many bytes the lengths of the nested parts can grow together. */
const MAX_GROWTH = 10

/** Lays out, from the inside to the outside, what stands before the ciphertext. */
function makeLayout(sealedBytes: number): Layout {
  const iv = Buffer.concat([Buffer.of(0x04, IV_BYTES), Buffer.from('00'.repeat(IV_BYTES), 'hex')])
  const parameters = wrap(0x30, Buffer.concat([iv, TAG_LENGTH]), 0)
  const algorithm = wrap(0x30, Buffer.concat([AES_256_GCM, parameters]), 0)
  const content = wrap(0x80, Buffer.of(), sealedBytes)
  const info = wrap(0x30, Buffer.concat([DATA, algorithm, content]), sealedBytes)
  const encrypted = wrap(0x30, Buffer.concat([CMS_VERSION, info]), sealedBytes)
  const explicit = wrap(0xa0, encrypted, sealedBytes)
  const body = wrap(0x30, Buffer.concat([ENCRYPTED_DATA, explicit]), sealedBytes)
  const header = Buffer.from('00'.repeat(HEADER_BYTES), 'hex')
  header.set(MAGIC, 0)
  header[VERSION_OFFSET] = VERSION
  const template = Buffer.concat([header, uint32(body.length + sealedBytes), body])
  const ivEnd = template.length - content.length - TAG_LENGTH.length
  return {
    bytes: template.length + sealedBytes,
    template,
    ivOffset: ivEnd - IV_BYTES,
    sealedOffset: template.length,
  }
}

/** A DER tag and length before `content`, of which `more` bytes follow later (X.690, section 10.1). */
function wrap(tag: number, content: Uint8Array, more: number): Buffer {
  return Buffer.concat([headOf(tag, content.length + more), content])
}
