import { isOptInRegion } from '../../domain/region-opt-in.ts'
import type { Region } from '../../domain/region.ts'
import { recordOperatorEvent } from '../../kernel/audit.ts'
import type { SecretBox } from '../../kernel/global-host.ts'
import type { Journal, Note } from '../../kernel/journal.ts'
import { newAccessKey, type NewAccessKey } from '../../kernel/identities/new-access-key.ts'
import type { GlobalReads, GlobalStore, GlobalWrites } from '../../storage/global-store.ts'
import { enabledRegions, putEnabledRegions } from '../../storage/region-opt-in.ts'

/** The account that a new deployment begins with: AWS's own example. */
export const FIRST_ACCOUNT = '111122223333'

/** The access key of a new account's root user, as it is shown once. */
export interface RootAccessKey extends NewAccessKey {
  readonly account: string
}

/** An account as a list shows it. */
export interface AccountSummary {
  readonly id: string
  /** The ids of its root user's access keys. */
  readonly accessKeyIds: readonly string[]
}

/** An account that cannot be made. */
export class AccountError extends Error {}

/** The accounts of a deployment and their root users' access keys. */
export interface Accounts {
  /**
   * Makes an account and an access key for its root user; one that its organization has made gets the key only.
   *
   * @param deliver hands the key over before it is kept: a crash in between leaves no account without its key
   * @param chosen the key, in place of one by chance
   * @throws AccountError where the id is not 12 digits, or its root user has a key already
   */
  create(
    id: string,
    now: number,
    deliver: (key: RootAccessKey) => Promise<void>,
    chosen?: NewAccessKey,
  ): Promise<RootAccessKey>
  /**
   * Gives an account's root user a new access key. Those that it had are of no use from then on: they may be in
   * others' hands.
   *
   * @param deliver as of `create`
   * @throws AccountError where there is no such account
   */
  renewKey(id: string, now: number, deliver: (key: RootAccessKey) => Promise<void>): Promise<RootAccessKey>
  /** Every account, by ascending id. */
  list(): Promise<readonly AccountSummary[]>
  /**
   * Enables opt-in Regions that this deployment serves for the first time, for every account that there is; accounts
   * that are made here later have them as well.
   */
  enableRegions(served: readonly Region[]): Promise<void>
}

/** Where the global store keeps the opt-in Regions that were ever served, with commas between them. */
const SERVED = 'opt-in-regions'
const ACCOUNTS_AT_ONCE = 1000

/**
 * The accounts in the global store.
 *
 * @param journal records what is done; null where it belongs to a beginning, of a deployment or of a seed
 */
export function openAccounts(
  store: GlobalStore,
  secrets: SecretBox,
  journal: Pick<Journal<GlobalWrites>, 'transaction'> | null = null,
): Accounts {
  const transaction = <Result>(work: (writes: GlobalWrites, note: Note) => Promise<Result>): Promise<Result> =>
    journal === null ? store.transaction((writes) => work(writes, async () => {})) : journal.transaction(work)
  const putRootKey = async (writes: GlobalWrites, note: Note, key: RootAccessKey, now: number): Promise<void> => {
    await writes.putAccessKey({
      id: key.accessKeyId,
      account: key.account,
      owner: null,
      secret: secrets.seal(key.accessKeyId, Buffer.from(key.secretAccessKey)),
      content: {},
      createdAt: now,
      expiresAt: null,
    })
    await note(
      recordOperatorEvent({ eventName: 'CreateAccessKey', account: key.account, accessKeyId: key.accessKeyId, now }),
    )
  }
  return {
    async create(id, now, deliver, chosen = newAccessKey('AKIA')) {
      requireAccountId(id)
      const key = { account: id, ...chosen }
      await transaction(async (writes, note) => {
        const account = { kind: 'account', account: id, name: id } as const
        // An account that its organization has made has no key yet.
        if ((await writes.accessKeysOf(id, null)).length > 0) {
          throw new AccountError(
            `Account ${id} exists. Its profile is in aws/credentials of the data directory; if that is lost: ` +
              `keyspan account key ${id}`,
          )
        }
        if ((await writes.document(account)) === null) {
          await writes.putDocument(account, { createdAt: now })
          await enable(writes, id, await servedBefore(writes))
        }
        await putRootKey(writes, note, key, now)
        await deliver(key)
      })
      return key
    },
    async renewKey(id, now, deliver) {
      requireAccountId(id)
      const key = { account: id, ...newAccessKey('AKIA') }
      await transaction(async (writes, note) => {
        if ((await writes.document({ kind: 'account', account: id, name: id })) === null) {
          throw new AccountError(
            `There is no account ${id}. keyspan account list has all, and account create makes one.`,
          )
        }
        for (const old of await writes.accessKeysOf(id, null)) {
          if (old.expiresAt !== null) continue
          await writes.deleteAccessKey(old.id)
          await note(recordOperatorEvent({ eventName: 'DeleteAccessKey', account: id, accessKeyId: old.id, now }))
        }
        await putRootKey(writes, note, key, now)
        await deliver(key)
      })
      return key
    },
    list: () => listAccounts(store.reads),
    enableRegions: (served) => enableServed(store, served),
  }
}

async function listAccounts(reads: GlobalReads): Promise<readonly AccountSummary[]> {
  const summaries: AccountSummary[] = []
  for await (const id of accountIds(reads)) {
    const keys = await reads.accessKeysOf(id, null)
    const lasting = keys.filter(({ expiresAt }) => expiresAt === null)
    summaries.push({ id, accessKeyIds: lasting.map((key) => key.id) })
  }
  return summaries
}

async function enableServed(store: GlobalStore, served: readonly Region[]): Promise<void> {
  const optional = served.filter(isOptInRegion)
  await store.transaction(async (writes) => {
    const known = await servedBefore(writes)
    const added = optional.filter((region) => !known.includes(region))
    if (added.length === 0) return
    await writes.putMeta(SERVED, [...known, ...added].join(','))
    for await (const id of accountIds(writes)) await enable(writes, id, added)
  })
}

function requireAccountId(id: string): void {
  if (!/^\d{12}$/.test(id)) throw new AccountError(`"${id}" is not an account id: it takes 12 digits.`)
}

async function servedBefore(reads: GlobalReads): Promise<readonly Region[]> {
  const text = (await reads.meta(SERVED)) ?? ''
  return text === '' ? [] : text.split(',')
}

async function enable(writes: GlobalWrites, account: string, regions: readonly Region[]): Promise<void> {
  if (regions.length === 0) return
  const enabled = await enabledRegions(writes, account)
  await putEnabledRegions(writes, account, [...new Set([...enabled, ...regions])])
}

/** Every account, by ascending id. */
export async function* accountIds(reads: GlobalReads): AsyncGenerator<string> {
  let after: string | null = null
  for (;;) {
    const page: readonly { name: string }[] = await reads.documents('account', null, { after, limit: ACCOUNTS_AT_ONCE })
    for (const { name } of page) yield name
    after = page.at(-1)?.name ?? null
    if (page.length < ACCOUNTS_AT_ONCE) return
  }
}
