/**
 * Hybrid public key encryption, mode Base (RFC 9180): whoever holds a public key can seal a sequence of messages for
 * the holder of its private half.
 */
import {
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  createCipheriv,
  createDecipheriv,
  type KeyObject,
} from 'node:crypto'
import { hkdfExpand, hkdfExtract } from '../hkdf.ts'

/** The algorithms of one instance (RFC 9180, section 7), with the sizes that follow from them. */
export interface HpkeSuite {
  readonly kem: number
  readonly kdf: number
  readonly aead: number
  readonly curve: string
  /** What stands before an uncompressed point in SPKI. */
  readonly spkiPrefix: Buffer
  readonly pointBytes: number
  readonly hash: string
  readonly hashBytes: number
  readonly cipher: 'aes-256-gcm' | 'aes-128-gcm'
  readonly keyBytes: number
}

/** DHKEM(P-384, HKDF-SHA384), HKDF-SHA384, AES-256-GCM. */
export const P384_SUITE: HpkeSuite = {
  kem: 0x0011,
  kdf: 0x0002,
  aead: 0x0002,
  curve: 'P-384',
  spkiPrefix: Buffer.from('3076301006072a8648ce3d020106052b81040022036200', 'hex'),
  pointBytes: 97,
  hash: 'sha384',
  hashBytes: 48,
  cipher: 'aes-256-gcm',
  keyBytes: 32,
}

const VERSION = Buffer.from('HPKE-v1')
const EMPTY = Buffer.of()
const MODE_BASE = 0
const NONCE_BYTES = 12
const MAX_SEQUENCE = 0xffff_ffff
const TAG_BYTES = 16
const UNCOMPRESSED = 0x04

/** A key pair to receive with; the public half is an uncompressed point (97 bytes on P-384). */
export function generateKemKeyPair(suite: HpkeSuite = P384_SUITE): { publicKey: Buffer; privateKey: KeyObject } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: suite.curve })
  return { publicKey: pointOf(suite, privateKey), privateKey }
}

/** Seals messages, to be opened in the same order. */
export interface HpkeSender {
  /** What the receiver needs besides its private key. */
  readonly enc: Buffer
  seal(aad: Uint8Array, plaintext: Uint8Array): Buffer
}

/**
 * Begins to send to the holder of a public key.
 *
 * @throws Error where it is no uncompressed point of the curve
 */
export function createSender(recipient: Uint8Array, info: Uint8Array, suite: HpkeSuite = P384_SUITE): HpkeSender {
  const ephemeral = generateKeyPairSync('ec', { namedCurve: suite.curve }).privateKey
  const enc = pointOf(suite, ephemeral)
  const shared = diffieHellman({ privateKey: ephemeral, publicKey: keyOfPoint(suite, recipient) })
  const context = schedule(suite, shared, Buffer.concat([enc, recipient]), info)
  return {
    enc,
    seal(aad, plaintext) {
      const cipher = createCipheriv(suite.cipher, context.key, context.nonce(), { authTagLength: TAG_BYTES })
      context.advance()
      cipher.setAAD(aad)
      return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
    },
  }
}

/** Opens messages in the order in which they were sealed. */
export interface HpkeReceiver {
  /**
   * Null where the message is not authentic, or not the next one; the next one can then still be opened (RFC 9180,
   * section 5.2). The caller wipes the plaintext.
   */
  open(aad: Uint8Array, message: Uint8Array): Buffer | null
  /** Passes over the next message. */
  skip(): void
}

/**
 * Begins to receive.
 *
 * @throws Error where `enc` is no uncompressed point of the curve
 */
export function createReceiver(
  privateKey: KeyObject,
  enc: Uint8Array,
  info: Uint8Array,
  suite: HpkeSuite = P384_SUITE,
): HpkeReceiver {
  const shared = diffieHellman({ privateKey, publicKey: keyOfPoint(suite, enc) })
  const context = schedule(suite, shared, Buffer.concat([enc, pointOf(suite, privateKey)]), info)
  return {
    open(aad, message) {
      if (message.length < TAG_BYTES) return null
      const end = message.length - TAG_BYTES
      const decipher = createDecipheriv(suite.cipher, context.key, context.nonce(), { authTagLength: TAG_BYTES })
      decipher.setAAD(aad)
      decipher.setAuthTag(message.subarray(end))
      const plaintext = decipher.update(message.subarray(0, end))
      try {
        decipher.final()
      } catch {
        plaintext.fill(0)
        return null
      }
      context.advance()
      return plaintext
    },
    skip() {
      context.advance()
    },
  }
}

/** The key schedule (RFC 9180, section 5.1) over the KEM's shared secret (section 4.1). */
function schedule(suite: HpkeSuite, shared: Buffer, kemContext: Uint8Array, info: Uint8Array) {
  const kemSuite = Buffer.concat([Buffer.from('KEM'), uint16(suite.kem)])
  const hpkeSuite = Buffer.concat([Buffer.from('HPKE'), uint16(suite.kem), uint16(suite.kdf), uint16(suite.aead)])
  const extract = (id: Buffer, salt: Uint8Array, label: string, ikm: Uint8Array) =>
    hkdfExtract(suite.hash, salt, VERSION, id, Buffer.from(label), ikm)
  const expand = (id: Buffer, secret: Uint8Array, label: string, context: Uint8Array, length: number) =>
    hkdfExpand(suite.hash, secret, Buffer.concat([uint16(length), VERSION, id, Buffer.from(label), context]), length)

  const agreed = extract(kemSuite, EMPTY, 'eae_prk', shared)
  const sharedSecret = expand(kemSuite, agreed, 'shared_secret', kemContext, suite.hashBytes)
  const context = Buffer.concat([
    Buffer.of(MODE_BASE),
    extract(hpkeSuite, EMPTY, 'psk_id_hash', EMPTY),
    extract(hpkeSuite, EMPTY, 'info_hash', info),
  ])
  const secret = extract(hpkeSuite, sharedSecret, 'secret', EMPTY)
  const keyBytes = expand(hpkeSuite, secret, 'key', context, suite.keyBytes)
  const baseNonce = expand(hpkeSuite, secret, 'base_nonce', context, NONCE_BYTES)
  const key = createSecretKey(keyBytes)
  for (const bytes of [shared, agreed, sharedSecret, secret, keyBytes]) bytes.fill(0)
  let sequence = 0
  return {
    key,
    nonce(): Buffer {
      // The nonce is mixed with 32 bits of the sequence number: one more message would repeat the first one's.
      if (sequence > MAX_SEQUENCE) throw new RangeError('This HPKE context has carried all the messages it may.')
      const nonce = Buffer.from(baseNonce)
      const end = NONCE_BYTES - 4
      nonce.writeUInt32BE((nonce.readUInt32BE(end) ^ sequence) >>> 0, end)
      return nonce
    },
    advance(): void {
      sequence += 1
    },
  }
}

function pointOf(suite: HpkeSuite, privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(suite.spkiPrefix.length)
}

/**
 * Only the raw form of a point is taken, and the rest of the encoding is ours: a peer cannot choose the curve.
 * OpenSSL refuses a point that is not on it.
 */
function keyOfPoint(suite: HpkeSuite, point: Uint8Array): KeyObject {
  if (point.length !== suite.pointBytes || point[0] !== UNCOMPRESSED) {
    throw new Error(`A public key of ${suite.curve} is an uncompressed point of ${suite.pointBytes} bytes.`)
  }
  const key = Buffer.concat([suite.spkiPrefix, point])
  return createPublicKey({ key, format: 'der', type: 'spki' })
}

function uint16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2)
  bytes.writeUInt16BE(value)
  return bytes
}
