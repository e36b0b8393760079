/** Signed notes as C2SP's signed-note has them: a text, and lines of signatures over it. */
import { createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto'

/** What kind of signature a key makes (C2SP signed-note): over the text alone, or over it and a time. */
const KIND = { log: 0x01, witness: 0x04 } as const
export type KeyKind = keyof typeof KIND

/** What an Ed25519 public key in DER begins with (RFC 8410). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')
const KEY_BYTES = 32
const KEY_ID_BYTES = 4
const TIME_BYTES = 8
const SIGNATURE_BYTES = 64

/** Who checks a signature: a name and an Ed25519 key. */
export interface Verifier {
  readonly name: string
  readonly kind: KeyKind
  readonly publicKey: KeyObject
}

/** Who makes one. */
export interface Signer extends Verifier {
  readonly privateKey: KeyObject
}

/** A signature of a note, by whomever. */
export interface NoteSignature {
  readonly name: string
  /** The id of the key, and the signature. */
  readonly bytes: Buffer
}

/** A text and its signatures. The text ends with a newline. */
export interface Note {
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** A public key as others are told it: `name+id+key`. */
export function verifierText({ name, kind, publicKey }: Verifier): string {
  const key = Buffer.concat([Buffer.of(KIND[kind]), rawKey(publicKey)])
  return `${name}+${keyId({ name, kind, publicKey }).toString('hex')}+${key.toString('base64')}`
}

/** Reads a public key that was told; null where it is none. */
export function parseVerifier(text: string): Verifier | null {
  const [, name = '', id = '', encoded = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? []
  const key = Buffer.from(encoded, 'base64')
  const kind = key[0] === KIND.log ? 'log' : key[0] === KIND.witness ? 'witness' : null
  if (kind === null || key.length !== 1 + KEY_BYTES) return null
  const der = Buffer.concat([SPKI, key.subarray(1)])
  const verifier = { name, kind, publicKey: createPublicKey({ key: der, format: 'der', type: 'spki' }) } as const
  return keyId(verifier).toString('hex') === id ? verifier : null
}

/** Signs a text; a witness with the time, in epoch seconds. */
export function signNote(signer: Signer, text: string, time: number): NoteSignature {
  const signature = sign(null, Buffer.from(signedText(signer, text, time)), signer.privateKey)
  const prefix = signer.kind === 'witness' ? timeBytes(time) : Buffer.alloc(0)
  return { name: signer.name, bytes: Buffer.concat([keyId(signer), prefix, signature]) }
}

/** Checks that a note has a good signature of `verifier`. Gives the time of a witness's, 0 for a log's; null for none. */
export function verifyNote(verifier: Verifier, { text, signatures }: Note): number | null {
  const id = keyId(verifier)
  for (const { name, bytes } of signatures) {
    if (name !== verifier.name || !bytes.subarray(0, KEY_ID_BYTES).equals(id)) continue
    const prefix = verifier.kind === 'witness' ? TIME_BYTES : 0
    if (bytes.length !== KEY_ID_BYTES + prefix + SIGNATURE_BYTES) continue
    const time = prefix === 0 ? 0 : Number(bytes.readBigUInt64BE(KEY_ID_BYTES))
    const signature = bytes.subarray(KEY_ID_BYTES + prefix)
    if (verify(null, Buffer.from(signedText(verifier, text, time)), verifier.publicKey, signature)) return time
  }
  return null
}

/** A note as it is written. */
export function noteText({ text, signatures }: Note): string {
  return `${text}\n${signatures.map(({ name, bytes }) => `— ${name} ${bytes.toString('base64')}\n`).join('')}`
}

/** Reads a note; null where it is none. */
export function parseNote(written: string): Note | null {
  const end = written.lastIndexOf('\n\n')
  if (end < 0 || !written.endsWith('\n')) return null
  const signatures: NoteSignature[] = []
  for (const line of written.slice(end + 2, -1).split('\n')) {
    const [, name, encoded] = /^— (\S+) (\S+)$/.exec(line) ?? []
    if (name === undefined || encoded === undefined) return null
    signatures.push({ name, bytes: Buffer.from(encoded, 'base64') })
  }
  return { text: written.slice(0, end + 1), signatures }
}

/** A cosignature is over a text that no log signs (C2SP tlog-cosignature). */
function signedText({ kind }: Verifier, text: string, time: number): string {
  return kind === 'log' ? text : `cosignature/v1\ntime ${time}\n${text}`
}

function keyId({ name, kind, publicKey }: Verifier): Buffer {
  const named = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(KIND[kind]), rawKey(publicKey)])
  return hash('sha256', named, 'buffer').subarray(0, KEY_ID_BYTES)
}

function rawKey(publicKey: KeyObject): Buffer {
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI.length)
}

function timeBytes(time: number): Buffer {
  const bytes = Buffer.alloc(TIME_BYTES)
  bytes.writeBigUInt64BE(BigInt(time))
  return bytes
}
