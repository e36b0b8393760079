import { keyArn } from '../../domain/arn.ts'
import type { KeyRecord } from '../../domain/key.ts'
import type { KeySpec } from '../../domain/key-spec.ts'
import { createPace } from '../../kernel/turns.ts'
import type { OpenRegion } from '../regions/open-region.ts'
import { recordedNeeds, type RecordedNeed } from './recorded-calls.ts'

/** How requests to KMS are told apart by those who charge for them. */
export const REQUEST_KINDS = ['standard', 'rsa2048', 'asymmetric', 'eccPair', 'rsaPair'] as const

/** One of these kinds. */
export type RequestKind = (typeof REQUEST_KINDS)[number]

/** What an account has and has done in one Region. */
export interface RegionUsage {
  readonly account: string
  readonly region: string
  /** Keys of the account's own by how often they were rotated; those that are to be deleted are not among them. */
  readonly keys: Readonly<Record<string, number>>
  /** Those that are to be deleted. */
  readonly leaving: number
  /** Keys that AWS manages. */
  readonly managed: number
  /** Requests that were carried out. */
  readonly requests: Readonly<Partial<Record<RequestKind, number>>>
}

/** What all accounts have, and have done lately. */
export interface Usage {
  /** How many days the requests are of: less than was asked for where the audit log begins later. */
  readonly days: number
  readonly regions: readonly RegionUsage[]
}

/** While it is counted. */
interface Count {
  keys: Record<string, number>
  leaving: number
  managed: number
  requests: Partial<Record<RequestKind, number>>
}

const DAY_MS = 86_400_000
const READ_AT_ONCE = 100
/** Keys that are read before others have their turn: some 5 ms. */
const KEYS_PER_TURN = 100

/**
 * Counts the keys of these accounts, and the requests that they have made.
 *
 * @param audits the directory of the audit logs
 * @param days how far back requests are counted
 */
export async function usageOf(
  regions: Iterable<OpenRegion>,
  accounts: readonly string[],
  { audits, now }: { readonly audits: string; readonly now: number },
  days: number,
): Promise<Usage> {
  const counts = new Map<string, Count>()
  const countOf = (account: string, region: string): Count => {
    const name = `${account} ${region}`
    const count = counts.get(name) ?? { keys: {}, leaving: 0, managed: 0, requests: {} }
    counts.set(name, count)
    return count
  }
  const specs = await countKeys(regions, accounts, countOf)
  const since = now - days * DAY_MS
  let first = now
  let last = ''
  for await (const need of recordedNeeds(audits, since, '"kms.amazonaws.com"')) {
    first = Math.min(first, need.at)
    // A call that needs several permissions is one.
    if (!need.isDone || need.requestId === last || !need.action.startsWith('kms:')) continue
    last = need.requestId
    const { requests } = countOf(need.account, need.region)
    const kind = kindOf(need, specs.get(need.resource))
    requests[kind] = (requests[kind] ?? 0) + 1
  }
  return {
    days: Math.min(days, Math.max(1, Math.ceil((now - first) / DAY_MS))),
    regions: [...counts]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, count]) => {
        const [account = '', region = ''] = name.split(' ')
        return { account, region, ...count }
      }),
  }
}

/** Counts keys; gives the specs of those that are asymmetric, by their ARNs. */
async function countKeys(
  regions: Iterable<OpenRegion>,
  accounts: readonly string[],
  countOf: (account: string, region: string) => Count,
): Promise<ReadonlyMap<string, KeySpec>> {
  const specs = new Map<string, KeySpec>()
  const pace = createPace(KEYS_PER_TURN)
  for (const { region, store } of regions) {
    for (const account of accounts) {
      let after: string | null = null
      for (;;) {
        const page: readonly KeyRecord[] = await store.reads.keys(account, { after, limit: READ_AT_ONCE })
        for (const record of page) {
          await pace(1)
          countKey(record, countOf(account, region))
          if (isAsymmetric(record.spec)) specs.set(keyArn(region, account, record.id), record.spec)
        }
        const last = page.at(-1)
        if (last === undefined || page.length < READ_AT_ONCE) break
        after = last.id
      }
    }
  }
  return specs
}

function countKey({ service, deletion, materials }: KeyRecord, count: Count): void {
  if (service !== undefined) count.managed += 1
  else if (deletion !== null) count.leaving += 1
  else {
    const rotations = materials.filter(({ rotation }) => rotation !== null).length
    count.keys[rotations] = (count.keys[rotations] ?? 0) + 1
  }
}

function isAsymmetric(spec: KeySpec): boolean {
  return spec !== 'SYMMETRIC_DEFAULT' && !spec.startsWith('HMAC_')
}

/** What all keys are asked, whatever they are made of. */
const BY_KEY: ReadonlySet<string> = new Set(
  ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'Sign', 'Verify', 'GetPublicKey', 'DeriveSharedSecret'].map(
    (name) => `kms:${name}`,
  ),
)

function kindOf({ action, context }: RecordedNeed, spec: KeySpec | undefined): RequestKind {
  if (action.startsWith('kms:GenerateDataKeyPair')) {
    return String(context['kms:DataKeyPairSpec']).startsWith('RSA_') ? 'rsaPair' : 'eccPair'
  }
  if (spec === undefined || !BY_KEY.has(action)) return 'standard'
  return spec === 'RSA_2048' ? 'rsa2048' : 'asymmetric'
}
