import { randomBytes, randomFillSync } from 'node:crypto'
import { IV_BYTES } from './sealing/symmetric.ts'

const pool = Buffer.allocUnsafeSlow(16 * 1024)
let used = pool.length

/** A fresh random initialization vector. */
export function randomIv(): Buffer {
  return randomPublic(IV_BYTES)
}

/** Fresh random bytes that others may see: they are drawn from a pool, which would not do for a secret. */
export function randomPublic(bytes: number): Buffer {
  if (used + bytes > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const drawn = Buffer.from(pool.subarray(used, used + bytes))
  used += bytes
  return drawn
}

/** Secret random bytes, outside the JavaScript heap so that wiping them leaves no copy. */
export function randomSecret(bytes: number): Buffer {
  return randomBytes(bytes)
}
