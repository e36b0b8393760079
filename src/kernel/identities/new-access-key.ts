import { randomInt } from 'node:crypto'
import { randomSecret } from '../../crypto/random.ts'

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** An access key before it is sealed: the only time that its secret is in the clear. */
export interface NewAccessKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/**
 * Makes an access key: an id of 20 characters as AWS's, and a secret of 240 random bits in 40 characters.
 *
 * @param prefix AKIA for a long-term key, ASIA for a temporary one
 */
export function newAccessKey(prefix: 'AKIA' | 'ASIA'): NewAccessKey {
  const id = Array.from({ length: 16 }, () => BASE32.charAt(randomInt(BASE32.length))).join('')
  return { accessKeyId: `${prefix}${id}`, secretAccessKey: randomText(30) }
}

/** A session token: 128 random bytes in base64. It means nothing to anybody but the server that gave it. */
export function newSessionToken(): string {
  return randomText(128)
}

function randomText(length: number): string {
  const bytes = randomSecret(length)
  const text = bytes.toString('base64')
  bytes.fill(0)
  return text
}
