import { der, INTEGER, SEQUENCE } from '../der.ts'
import { fromBytes } from './modular.ts'

/** An ECDSA signature in DER: SEQUENCE { r INTEGER, s INTEGER } (RFC 3279, section 2.2.3). */
export function encodeEcdsa(r: bigint, s: bigint): Buffer {
  return der(SEQUENCE, integer(r), integer(s))
}

/** Reads an ECDSA signature; null where it is not DER to the last byte. */
export function decodeEcdsa(signature: Uint8Array): { r: bigint; s: bigint } | null {
  const bytes = Buffer.from(signature)
  const start = bytes[1] === 0x81 ? 3 : 2
  const first = bytes[start + 1] ?? 0
  const second = bytes[start + first + 3] ?? 0
  const r = fromBytes(bytes.subarray(start + 2, start + 2 + first))
  const s = fromBytes(bytes.subarray(start + first + 4, start + first + 4 + second))
  // There is one encoding of any two numbers: whatever does not come out the same again was another.
  return encodeEcdsa(r, s).equals(bytes) ? { r, s } : null
}

function integer(value: bigint): Buffer {
  const hex = value.toString(16)
  const magnitude = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return magnitude.readUInt8(0) < 0x80 ? der(INTEGER, magnitude) : der(INTEGER, Buffer.of(0), magnitude)
}
