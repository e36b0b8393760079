import type { SecretBox } from '../kernel/global-host.ts'
import { newAccessKey, type NewAccessKey } from '../kernel/new-access-key.ts'
import type { GlobalStore } from '../storage/global-store.ts'

/** The account that a new deployment begins with: AWS's own example. */
export const FIRST_ACCOUNT = '111122223333'

/** The access key of a new account's root user, as it is shown once. */
export interface RootAccessKey extends NewAccessKey {
  readonly account: string
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
  create(id: string, now: number, deliver: (key: RootAccessKey) => Promise<void>): Promise<RootAccessKey>
}

/** The accounts in the global store. */
export function openAccounts(store: GlobalStore, secrets: SecretBox): Accounts {
  return {
    async create(id, now, deliver) {
      if (!/^\d{12}$/.test(id)) throw new AccountError(`"${id}" is not an account id: it takes 12 digits.`)
      const key = { account: id, ...newAccessKey('AKIA') }
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
