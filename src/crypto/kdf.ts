import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { uint32 } from './canonical.ts'

const BLOCK_BYTES = 32
const ZERO = Buffer.of(0)

/**
 * Derives bytes from a key: the KDF in counter mode of NIST SP 800-108r1, section 4.1, with HMAC-SHA-256 and a 32-bit
 * counter in front.
 *
 * @param label what the bytes are for; must not contain a zero byte
 * @param context what they are bound to
 */
export function deriveBytes(key: KeyObject, label: string, context: Uint8Array, length = BLOCK_BYTES): Buffer {
  return expandByCounter(key, Buffer.concat([Buffer.from(label), ZERO, context, uint32(length * 8)]), length)
}

/** The same KDF over fixed input that is laid out already. */
export function expandByCounter(key: KeyObject, fixed: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = []
  for (let counter = 1; blocks.length * BLOCK_BYTES < length; counter += 1) {
    blocks.push(createHmac('sha256', key).update(uint32(counter)).update(fixed).digest())
  }
  const [first] = blocks
  if (first !== undefined && blocks.length === 1) return length === BLOCK_BYTES ? first : first.subarray(0, length)
  const bytes = Buffer.concat(blocks, length)
  for (const block of blocks) block.fill(0)
  return bytes
}

/** Derives a 256-bit key; see {@link deriveBytes}. */
export function deriveKey(key: KeyObject, label: string, context: Uint8Array): KeyObject {
  const bytes = deriveBytes(key, label, context)
  const derived = createSecretKey(bytes)
  bytes.fill(0)
  return derived
}
