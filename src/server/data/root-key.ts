import { createSecretKey, randomUUID, type KeyObject } from 'node:crypto'
import { randomIv, randomSecret } from '../../crypto/random.ts'
import { domainKeyAad, KeyringError, type RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import { IV_BYTES, open, seal, TAG_BYTES } from '../../crypto/sealing/symmetric.ts'

/** A root key has so many bytes. */
export const ROOT_KEY_BYTES = 32

/** A root key by its name. */
export interface RootKey {
  readonly ref: string
  readonly key: KeyObject
}

/** A root key that nobody keeps: what it wraps is lost with the process. */
export function passingRootKey(): RootKeyProvider {
  const bytes = randomSecret(ROOT_KEY_BYTES)
  const key = createSecretKey(bytes)
  bytes.fill(0)
  return rootKeyProvider([{ ref: randomUUID(), key }], 'memory', 'memory')
}

/**
 * Root keys in this process. The first wraps; the others are former ones that still open what they wrapped.
 *
 * @param place where they were read from, for errors
 */
export function rootKeyProvider(keys: readonly [RootKey, ...RootKey[]], kind: string, place: string): RootKeyProvider {
  const [current] = keys
  return {
    kind,
    currentRef: () => current.ref,
    async wrap(plaintext, about) {
      const iv = randomIv()
      const { ciphertext, tag } = seal(current.key, iv, domainKeyAad(about), plaintext)
      return { ref: current.ref, blob: Buffer.concat([iv, tag, ciphertext]) }
    },
    async unwrap({ ref, blob }, about) {
      const found = keys.find((key) => key.ref === ref)
      if (found === undefined) {
        throw new KeyringError(`Root key ${ref} is not in ${place}. Put the file back that belongs to this data.`)
      }
      const iv = blob.subarray(0, IV_BYTES)
      const tag = blob.subarray(IV_BYTES, IV_BYTES + TAG_BYTES)
      const plaintext = open(found.key, iv, domainKeyAad(about), blob.subarray(IV_BYTES + TAG_BYTES), tag)
      if (plaintext !== null) return plaintext
      throw new KeyringError(`A domain key does not open with root key ${ref}: it is damaged or of another deployment.`)
    },
  }
}
