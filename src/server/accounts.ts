import { createSecretKey, randomInt, type KeyObject } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { randomSecret } from '../crypto/random.ts'
import type { SecretBox } from '../kernel/global-host.ts'
import type { GlobalStore } from '../storage/global-store.ts'

/** The account that a new deployment begins with: AWS's own example. */
export const FIRST_ACCOUNT = '111122223333'

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const CACHED_KEYS = 10_000

/** An access key as it is shown once, when it is made. */
export interface NewAccessKey {
  readonly account: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** An access key, ready to verify signatures: the secret is `AWS4` and the secret access key, as SigV4 begins. */
export interface AccessKey {
  readonly account: string
  readonly accessKeyId: string
  readonly secret: KeyObject
}

/** An account that cannot be made. */
export class AccountError extends Error {}

/** The accounts of a deployment and their root users' access keys. */
export interface Accounts {
  /**
   * Makes an account and an access key for its root user; one that its organization has made gets the key only.
   *
   * @param deliver hands the key over before it is kept: a crash in between leaves no account without its key
   * @throws AccountError where the id is not 12 digits, or its root user has a key already
   */
  create(id: string, now: number, deliver: (key: NewAccessKey) => Promise<void>): Promise<NewAccessKey>
  accessKey(id: string): AccessKey | null | Promise<AccessKey | null>
}

/** The accounts in the global store. */
export function openAccounts(store: GlobalStore, secrets: SecretBox): Accounts {
  const cached = new LRUCache<string, AccessKey>({ max: CACHED_KEYS })

  async function find(id: string): Promise<AccessKey | null> {
    const stored = await store.reads.accessKey(id)
    if (stored === null) return null
    const bytes = secrets.open(id, stored.secret)
    const prefixed = Buffer.concat([Buffer.from('AWS4'), bytes])
    const found = { account: stored.account, accessKeyId: id, secret: createSecretKey(prefixed) }
    bytes.fill(0)
    prefixed.fill(0)
    cached.set(id, found)
    return found
  }

  return {
    accessKey: (id) => cached.get(id) ?? find(id),
    async create(id, now, deliver) {
      if (!/^\d{12}$/.test(id)) throw new AccountError(`"${id}" is not an account id: it takes 12 digits.`)
      const key = { account: id, accessKeyId: newAccessKeyId(), secretAccessKey: newSecret() }
      const sealed = secrets.seal(key.accessKeyId, Buffer.from(key.secretAccessKey))
      await store.transaction(async (writes) => {
        const account = { kind: 'account', account: id, name: id } as const
        // An account that its organization has made has no key yet.
        if ((await writes.accessKeysOf(id, null)).length > 0) {
          throw new AccountError(`Account ${id} exists. Its profile is in aws/credentials of the data directory.`)
        }
        if ((await writes.document(account)) === null) await writes.putDocument(account, { createdAt: now })
        await writes.putAccessKey({
          id: key.accessKeyId,
          account: id,
          owner: null,
          secret: sealed,
          content: {},
          createdAt: now,
          expiresAt: null,
        })
        await deliver(key)
      })
      return key
    },
  }
}

/** 20 characters that begin with AKIA, as AWS's long-term keys. */
function newAccessKeyId(): string {
  return `AKIA${Array.from({ length: 16 }, () => BASE32.charAt(randomInt(BASE32.length))).join('')}`
}

/** 40 characters: 240 random bits. */
function newSecret(): string {
  const bytes = randomSecret(30)
  const text = bytes.toString('base64')
  bytes.fill(0)
  return text
}
