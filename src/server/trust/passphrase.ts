import { createHmac, createSecretKey, randomUUID, scrypt, timingSafeEqual, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { randomSecret } from '../../crypto/random.ts'
import { KeyringError, type RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import { ROOT_KEY_BYTES, rootKeyProvider } from '../data/root-key.ts'
import { readSecretFile } from '../data/secret-file.ts'
import type { KeptPassphrase, PassphraseCost } from './keyring-file.ts'

/** Some 128 MiB and half a second for each guess. */
const COST: PassphraseCost = { N: 2 ** 17, r: 8, p: 1 }
const SALT_BYTES = 32
const CHECK_BYTES = 8
/** A new passphrase has at least so many bytes, and any at most. */
const SHORTEST = 12
const LONGEST = 4096

/** A passphrase that is not the right one. */
export class WrongPassphraseError extends KeyringError {}

/**
 * Makes a root key from a new passphrase.
 *
 * @throws KeyringError where it is too short
 */
export async function makePassphraseRoot(
  passphrase: Uint8Array,
): Promise<{ readonly holder: KeptPassphrase; readonly root: RootKeyProvider }> {
  if (passphrase.length < SHORTEST) {
    throw new KeyringError(
      `The passphrase has ${passphrase.length} bytes. A new one has at least ${SHORTEST}: take several words.`,
    )
  }
  const salt = randomSecret(SALT_BYTES)
  const ref = randomUUID()
  const key = await deriveRootKey(passphrase, salt, COST)
  const holder = { provider: 'passphrase', ref, salt, cost: COST, check: checkOf(key) } as const
  return { holder, root: rootKeyProvider([{ ref, key }], 'passphrase', 'the keyring') }
}

/**
 * The root key of a passphrase.
 *
 * @throws WrongPassphraseError
 */
export async function openPassphraseRoot(holder: KeptPassphrase, passphrase: Uint8Array): Promise<RootKeyProvider> {
  const { ref, salt, cost, check } = holder
  const key = await deriveRootKey(passphrase, salt, cost)
  const found = checkOf(key)
  if (check.length === found.length && timingSafeEqual(check, found)) {
    return rootKeyProvider([{ ref, key }], 'passphrase', 'the keyring')
  }
  throw new WrongPassphraseError('That is not the passphrase of this data. Nothing was opened: try again.')
}

/**
 * The passphrase in a file, without the end of its line. The caller wipes it.
 *
 * @param what for errors, what is in the file
 * @throws KeyringError where it is missing or open to others
 */
export async function readPassphraseFile(path: string, what: 'passphrase' | 'PIN' = 'passphrase'): Promise<Buffer> {
  const bytes = await readSecretFile(path, what)
  if (bytes !== null && bytes.length <= LONGEST) return withoutLineEnd(bytes)
  const reason = bytes === null ? 'is missing' : 'is too long'
  throw new KeyringError(`The ${what} file ${path} ${reason}. Name the file that holds the ${what}.`)
}

/** A passphrase as it was typed or read: the end of its line is none of it. */
export function withoutLineEnd(bytes: Buffer): Buffer {
  const length = bytes.at(-1) === 0x0a ? (bytes.at(-2) === 0x0d ? 2 : 1) : 0
  return bytes.subarray(0, bytes.length - length)
}

async function deriveRootKey(passphrase: Uint8Array, salt: Uint8Array, cost: PassphraseCost): Promise<KeyObject> {
  const derive = promisify<Uint8Array, Uint8Array, number, object, Buffer>(scrypt)
  // Twice what it takes: OpenSSL counts a little more than the formula.
  const bytes = await derive(passphrase, salt, ROOT_KEY_BYTES, { ...cost, maxmem: 2 * 128 * cost.N * cost.r })
  const key = createSecretKey(bytes)
  bytes.fill(0)
  return key
}

function checkOf(key: KeyObject): Buffer {
  return createHmac('sha256', key).update('passphrase').digest().subarray(0, CHECK_BYTES)
}
