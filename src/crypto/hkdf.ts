/** HKDF (RFC 5869). */
import { createHmac } from 'node:crypto'

const MAX_BLOCKS = 255

/** HKDF-Extract (section 2.2). An empty salt is as good as one of zeros: HMAC pads its key with them. */
export function hkdfExtract(hash: string, salt: Uint8Array, ...ikm: readonly Uint8Array[]): Buffer {
  const hmac = createHmac(hash, salt)
  for (const part of ikm) hmac.update(part)
  return hmac.digest()
}

/**
 * HKDF-Expand (section 2.3).
 *
 * @throws RangeError for more than 255 blocks
 */
export function hkdfExpand(hash: string, secret: Uint8Array, info: Uint8Array, length: number): Buffer {
  let block = Buffer.of()
  const blocks: Buffer[] = []
  for (let counter = 1, filled = 0; filled < length; counter += 1, filled += block.length) {
    if (counter > MAX_BLOCKS) throw new RangeError(`HKDF gives no more than ${MAX_BLOCKS} blocks.`)
    block = createHmac(hash, secret).update(block).update(info).update(Buffer.of(counter)).digest()
    blocks.push(block)
  }
  const bytes = Buffer.concat(blocks, length)
  for (const each of blocks) each.fill(0)
  return bytes
}
