import { fromBase64 } from '../../api/base64.ts'
import { areEqual, sha256 } from './merkle.ts'

/** What kind of signature a key makes (C2SP signed-note): over the text alone, or over it and a time. */
const WITNESS = 0x04
const KEY_ID_BYTES = 4
const TIME_BYTES = 8

/** What became of looking for a signature; `unknown` where this browser cannot check one. */
export type SignatureCheck =
  | { readonly name: string; readonly outcome: 'good'; readonly time: number | null }
  | { readonly name: string; readonly outcome: 'bad' | 'missing' | 'unknown' }

/**
 * Looks for the good signature of a key among those of a note.
 *
 * @param key as `name+id+key`
 * @returns of a witness with its time, in seconds since 1970
 */
export async function checkSignature(key: string, text: string, lines: readonly string[]): Promise<SignatureCheck> {
  const [name = '', id = '', ...rest] = key.split('+')
  const encoded = fromBase64(rest.join('+'))
  const isWitness = encoded[0] === WITNESS
  const keyId = (await sha256(new TextEncoder().encode(`${name}\n`), encoded)).slice(0, KEY_ID_BYTES)
  if (hex(keyId) !== id) return { name, outcome: 'bad' }
  const own = lines.flatMap((line) => {
    const [, by, bytes = ''] = /^— (\S+) (\S+)$/.exec(line) ?? []
    return by === name ? [fromBase64(bytes)] : []
  })
  const publicKey = await importKey(encoded.slice(1))
  if (publicKey === null) return { name, outcome: 'unknown' }
  for (const bytes of own) {
    if (!areEqual(bytes.slice(0, KEY_ID_BYTES), keyId)) continue
    const signature = bytes.slice(KEY_ID_BYTES + (isWitness ? TIME_BYTES : 0))
    const time = isWitness ? Number(new DataView(bytes.buffer).getBigUint64(KEY_ID_BYTES)) : null
    const signed = time === null ? text : `cosignature/v1\ntime ${time}\n${text}`
    const isGood = await crypto.subtle.verify('Ed25519', publicKey, signature, new TextEncoder().encode(signed))
    if (isGood) return { name, outcome: 'good', time }
  }
  return { name, outcome: own.length === 0 ? 'missing' : 'bad' }
}

/** Null where the browser has no Ed25519. */
function importKey(raw: Uint8Array<ArrayBuffer>): Promise<CryptoKey | null> {
  return crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'NotSupportedError') return null
    throw error
  })
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
