/** ASN.1 in DER and BER (X.690), as far as certificates and CMS need it. */

export const INTEGER = 0x02
export const OCTET_STRING = 0x04
export const OBJECT_IDENTIFIER = 0x06
export const SEQUENCE = 0x30
export const SET = 0x31

const BOOLEAN = 0x01
const TRUE = 0xff
const LONG_FORM = 0x80
/** The lengths that are read have at most so many bytes: 16 MiB are more than any certificate has. */
const MAX_LENGTH_BYTES = 3

/** An element that was read. */
export interface Element {
  readonly tag: number
  readonly content: Buffer
}

/** Writes an element of definite length. */
export function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const length = content.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([headOf(tag, length), ...content])
}

/** The tag and the length that stand before so many bytes of content. */
export function headOf(tag: number, length: number): Buffer {
  return Buffer.of(tag, ...lengthOf(length))
}

/** Writes a constructed element of indefinite length (X.690, section 8.1.3.6): BER, and not DER. */
export function indefinite(tag: number, ...content: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.of(tag, LONG_FORM), ...content, Buffer.of(0, 0)])
}

/**
 * Reads the elements that stand one behind the other.
 *
 * @throws RangeError where the bytes are not elements in DER to the last
 */
export function readDer(bytes: Buffer): readonly Element[] {
  const elements: Element[] = []
  let at = 0
  while (at < bytes.length) {
    const tag = bytes.readUInt8(at)
    const { length, size } = readLength(bytes, at + 1)
    const start = at + 1 + size
    at = start + length
    if (at > bytes.length) throw new RangeError('An element is longer than what it is in.')
    elements.push({ tag, content: bytes.subarray(start, at) })
  }
  return elements
}

/** Says whether an element is a BOOLEAN that is true. */
export function isTrue(element: Element | undefined): boolean {
  return element?.tag === BOOLEAN && element.content.length === 1 && element.content[0] === TRUE
}

function lengthOf(length: number): readonly number[] {
  if (length < LONG_FORM) return [length]
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest >>= 8) bytes.unshift(rest & 0xff)
  return [LONG_FORM | bytes.length, ...bytes]
}

function readLength(bytes: Buffer, at: number): { length: number; size: number } {
  const first = bytes.readUInt8(at)
  if (first < LONG_FORM) return { length: first, size: 1 }
  const count = first & ~LONG_FORM
  if (count === 0 || count > MAX_LENGTH_BYTES) throw new RangeError('An element has no length that could be.')
  return { length: bytes.readUIntBE(at + 1, count), size: 1 + count }
}
