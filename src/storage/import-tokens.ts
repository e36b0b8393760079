import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { WrappingAlgorithm } from '../crypto/import.ts'
import { keyPairOf, type KeyPair } from '../crypto/key-pair.ts'
import { newestOf, unwrapSecretOfAny, wrapSecret, type DomainKey } from '../crypto/sealing/keyring.ts'
import type { Region } from '../domain/region.ts'
import { SECRET } from './secret-labels.ts'

const TOKEN_LABEL = 'kms/import-token/v1'

/** The key that a token is for; its Region is that of whoever makes the token. */
interface ImportTarget {
  readonly account: string
  readonly id: string
}

/** What a token stands for. */
export interface ImportGrant {
  /** The id of the job that keeps the private half of the wrapping key. */
  readonly job: string
  readonly algorithm: WrappingAlgorithm
  readonly expiresAt: number
}

/**
 * Makes and reads the import tokens of one Region, and wraps the private keys that go with them.
 *
 * A token is sealed and bound to its key and Region. The private key is not in it: it rests in the store and is
 * deleted when the token expires, so that what was wrapped for it cannot be opened ever after.
 */
export interface ImportTokens {
  seal(target: ImportTarget, grant: ImportGrant): Buffer
  /** Null where the token was not given for this key. Whether it has expired must be looked at. */
  open(target: ImportTarget, token: Buffer): ImportGrant | null
  wrapKey(job: string, privateKey: KeyObject): string
  /** @throws Error where the key does not open: it was damaged or belongs to another job */
  unwrapKey(job: string, wrapped: string): KeyPair
}

/** The tokens of a Region, under the newest of its domain keys; those of older ones can still be read. */
export function createImportTokens(domainKeys: readonly DomainKey[], region: Region): ImportTokens {
  const contextOf = ({ account, id }: ImportTarget) => JSON.stringify([region, account, id])
  return {
    seal(target, { job, algorithm, expiresAt }) {
      const text = Buffer.from(JSON.stringify([job, algorithm, expiresAt]))
      return Buffer.from(wrapSecret(newestOf(domainKeys), TOKEN_LABEL, contextOf(target), text), 'base64')
    },
    open(target, token) {
      const text = unwrapSecretOfAny(domainKeys, TOKEN_LABEL, contextOf(target), token.toString('base64'))
      if (text === null) return null
      // What is authentic was written by `seal`.
      const [job, algorithm, expiresAt] = JSON.parse(text.toString()) as [string, WrappingAlgorithm, number]
      return { job, algorithm, expiresAt }
    },
    wrapKey(job, privateKey) {
      const der = privateKey.export({ format: 'der', type: 'pkcs8' })
      try {
        return wrapSecret(newestOf(domainKeys), SECRET.importKey, job, der)
      } finally {
        der.fill(0)
      }
    },
    unwrapKey(job, wrapped) {
      const der = unwrapSecretOfAny(domainKeys, SECRET.importKey, job, wrapped)
      if (der === null) throw new Error(`The wrapping key of import ${job} in ${region} is damaged. Restore a backup.`)
      try {
        return keyPairOf(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }))
      } finally {
        der.fill(0)
      }
    },
  }
}
