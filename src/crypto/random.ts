import { randomBytes, randomFillSync } from 'node:crypto'
import { IV_BYTES } from './sealing/symmetric.ts'

const pool = Buffer.allocUnsafeSlow(IV_BYTES * 1024)
let used = pool.length

/** A fresh random initialization vector. It is drawn from a pool, which would not do for a secret. */
export function randomIv(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const iv = Buffer.from(pool.subarray(used, used + IV_BYTES))
  used += IV_BYTES
  return iv
}

/** Secret random bytes, outside the JavaScript heap so that wiping them leaves no copy. */
export function randomSecret(bytes: number): Buffer {
  return randomBytes(bytes)
}
