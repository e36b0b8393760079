import { createPublicKey, verify, X509Certificate, type KeyObject } from 'node:crypto'
import { decode, encode, Tokenizer, type DecodeOptions } from 'cborg'
import { flawOfChain } from './certificate-chain.ts'

/** What a document attests, once it is verified. */
export interface Attestation {
  /** What is measured: an enclave, or an instance with a NitroTPM. Registers of one say nothing of the other's. */
  readonly of: 'enclave' | 'tpm'
  readonly moduleId: string
  /** The platform configuration registers, by number. */
  readonly pcrs: ReadonlyMap<number, Buffer>
  /** The RSA key that only what is attested can use. */
  readonly publicKey: KeyObject
}

/** A document that attests nothing, with what is wrong with it. */
export class AttestationError extends Error {}

/** How old a document may be, and how far its clock may be ahead, in milliseconds. */
const MAX_AGE = 5 * 60 * 1000

const COSE_SIGN1_TAG = 0xd2
/** { 1: -35 }: the algorithm is ES384 (RFC 9053, section 2.1), and nothing else is said. */
const ES384_HEADER = Buffer.from('a1013822', 'hex')
const SIGNATURE_BYTES = 96
const DIGEST = 'SHA384'
const PCR_BYTES: readonly number[] = [32, 48, 64]
const REGISTERS = { enclave: 32, tpm: 24 } as const
const MIN_RSA_BITS = 2048

/** AWS's limits for members, in bytes; text counts in characters. */
const MODULE_ID_CHARACTERS = 256
const CERTIFICATE_BYTES = 1024
const PUBLIC_KEY_BYTES = 1024
const FREE_BYTES = 1024
/** AWS's chains have five certificates, the leaf among them. */
const BUNDLE_CERTIFICATES = 8
/** No document has so many items of CBOR. This bounds the depth, the memory and the time that one can cost. */
const MAX_ITEMS = 256

const STRICT: DecodeOptions = {
  strict: true,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  rejectDuplicateMapKeys: true,
  useMaps: true,
}

/**
 * Verifies an attestation document of the Nitro system: a COSE_Sign1 (RFC 9052, section 4.2) whose payload holds the
 * chain of certificates that leads from a trusted root to its signer ("Verifying the root of trust", AWS Nitro
 * Enclaves User Guide).
 *
 * @param roots the certificates that are trusted, whatever else the document brings
 * @param now in epoch milliseconds
 * @throws AttestationError for whatever is not a valid document, with the reason
 */
export function verifyAttestation(document: Buffer, roots: readonly X509Certificate[], now: number): Attestation {
  const { payload, signed, signature } = readEnvelope(document)
  // In documents of newer modules this map has an indefinite length. It is signed, so that nobody else chose its form.
  const members = asMap(readCbor(payload, 'the payload', true), 'the payload')
  const chain = readChain(members)
  if (!roots.some(({ raw }) => chain[0]?.raw.equals(raw)))
    refuse('its root certificate is not one that is trusted here')
  const flaw = attempt('a certificate cannot be read', () => flawOfChain(chain, now))
  if (flaw !== null) refuse(flaw)
  const signer = chain.at(-1)?.publicKey
  if (signer === undefined || !verify('sha384', signed, { key: signer, dsaEncoding: 'ieee-p1363' }, signature)) {
    refuse('its signature is not that of its certificate')
  }
  requireFresh(members, now)
  if (members.get('digest') !== DIGEST) refuse(`digest is not ${DIGEST}`)
  for (const name of ['user_data', 'nonce']) if (isThere(members, name)) bytesOf(members, name, 0, FREE_BYTES)
  return { moduleId: readModuleId(members), ...readRegisters(members), publicKey: readPublicKey(members) }
}

function refuse(flaw: string): never {
  throw new AttestationError(`The attestation document is not valid: ${flaw}.`)
}

/** Reads what others have written: whatever a reader throws means that it cannot be read. */
function attempt<Result>(flaw: string, read: () => Result): Result {
  try {
    return read()
  } catch {
    return refuse(flaw)
  }
}

/** The parts of a COSE_Sign1, and what its signature is over (RFC 9052, section 4.4). */
function readEnvelope(document: Buffer) {
  const untagged = document[0] === COSE_SIGN1_TAG ? document.subarray(1) : document
  const parts = readCbor(untagged, 'it', false)
  if (!Array.isArray(parts) || parts.length !== 4) refuse('it is not a COSE_Sign1 of four parts')
  const [header, unprotected, payload, signature] = parts as readonly unknown[]
  if (!(header instanceof Uint8Array) || !ES384_HEADER.equals(header)) refuse('its protected header is not ES384')
  if (!(unprotected instanceof Map) || unprotected.size > 0) refuse('its unprotected header is not empty')
  if (!(payload instanceof Uint8Array)) refuse('its payload is not a byte string')
  if (!(signature instanceof Uint8Array) || signature.length !== SIGNATURE_BYTES) {
    refuse(`its signature has not ${SIGNATURE_BYTES} bytes`)
  }
  return { payload, signed: encode(['Signature1', header, new Uint8Array(), payload]), signature }
}

/** Counts the items of what is decoded, and gives up where there are too many. */
class BoundedTokenizer extends Tokenizer {
  #left = MAX_ITEMS

  override next() {
    this.#left -= 1
    if (this.#left < 0) throw new RangeError('There are too many items.')
    return super.next()
  }
}

function readCbor(bytes: Uint8Array, what: string, allowIndefinite: boolean): unknown {
  return attempt(`${what} is not well-formed CBOR in its shortest form`, (): unknown => {
    const plain = new Uint8Array(bytes)
    const options = { ...STRICT, allowIndefinite }
    return decode(plain, { ...options, tokenizer: new BoundedTokenizer(plain, options) })
  })
}

type Members = ReadonlyMap<unknown, unknown>

function asMap(value: unknown, what: string): Members {
  return value instanceof Map ? value : refuse(`${what} is not a map`)
}

function isThere(members: Members, name: string): boolean {
  const value = members.get(name)
  return value !== undefined && value !== null
}

function bytesOf(members: Members, name: string, min: number, max: number): Buffer {
  return asBytes(members.get(name), name, min, max)
}

function asBytes(value: unknown, name: string, min: number, max: number): Buffer {
  if (value instanceof Uint8Array && value.length >= min && value.length <= max) return Buffer.from(value)
  return refuse(`${name} is not a byte string of ${min} to ${max} bytes`)
}

/** Every certificate from the root to the one that signs. */
function readChain(members: Members): readonly X509Certificate[] {
  const bundle: unknown = members.get('cabundle')
  if (!Array.isArray(bundle) || bundle.length === 0 || bundle.length > BUNDLE_CERTIFICATES) {
    refuse(`cabundle is not a list of 1 to ${BUNDLE_CERTIFICATES} certificates`)
  }
  return [
    ...bundle.map((certificate: unknown) => readCertificate(certificate, 'cabundle')),
    readCertificate(members.get('certificate'), 'certificate'),
  ]
}

function readCertificate(value: unknown, name: string): X509Certificate {
  const bytes = asBytes(value, name, 1, CERTIFICATE_BYTES)
  const certificate = attempt(`${name} holds no certificate`, () => new X509Certificate(bytes))
  return certificate.raw.equals(bytes) ? certificate : refuse(`${name} holds more than a certificate in DER`)
}

function requireFresh(members: Members, now: number): void {
  const timestamp = members.get('timestamp')
  if (typeof timestamp !== 'number' || !Number.isSafeInteger(timestamp) || timestamp <= 0) {
    refuse('timestamp is not a time in milliseconds')
  }
  const minutes = MAX_AGE / 60_000
  if (now - timestamp > MAX_AGE) refuse(`it is older than ${minutes} minutes`)
  if (timestamp - now > MAX_AGE) refuse(`it is from more than ${minutes} minutes ahead`)
}

function readModuleId(members: Members): string {
  const id = members.get('module_id')
  if (typeof id === 'string' && id.length > 0 && id.length <= MODULE_ID_CHARACTERS) return id
  return refuse(`module_id is not text of 1 to ${MODULE_ID_CHARACTERS} characters`)
}

function readRegisters(members: Members): Pick<Attestation, 'of' | 'pcrs'> {
  const ofTpm = members.has('nitrotpm_pcrs')
  if (ofTpm === members.has('pcrs')) refuse('it does not have one of pcrs and nitrotpm_pcrs')
  const name = ofTpm ? 'nitrotpm_pcrs' : 'pcrs'
  const of = ofTpm ? 'tpm' : 'enclave'
  const registers = [...asMap(members.get(name), name)]
  if (registers.length === 0) refuse(`${name} has no register`)
  return { of, pcrs: new Map(registers.map(([index, value]) => readRegister(name, REGISTERS[of], index, value))) }
}

function readRegister(name: string, count: number, index: unknown, value: unknown): readonly [number, Buffer] {
  if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= count) {
    refuse(`${name} has a register that is none of 0 to ${count - 1}`)
  }
  if (!(value instanceof Uint8Array) || !PCR_BYTES.includes(value.length)) {
    refuse(`${name} has a register of a length other than ${PCR_BYTES.join(', ')} bytes`)
  }
  return [index, Buffer.from(value)]
}

function readPublicKey(members: Members): KeyObject {
  if (!isThere(members, 'public_key')) refuse('it has no public_key to encrypt the answer for')
  const der = bytesOf(members, 'public_key', 1, PUBLIC_KEY_BYTES)
  const flaw = `public_key is not an RSA key of at least ${MIN_RSA_BITS} bits as SubjectPublicKeyInfo in DER`
  const key = attempt(flaw, () => createPublicKey({ key: der, format: 'der', type: 'spki' }))
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType !== 'rsa' || modulusLength < MIN_RSA_BITS) refuse(flaw)
  // An exponent of 1 would encrypt nothing, and one that is even could not be undone.
  if (publicExponent < 3n || publicExponent % 2n === 0n) refuse('public_key has a public exponent that cannot be')
  return key
}
