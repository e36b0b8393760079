import { z } from 'zod'
import type { DocumentKind } from '../../domain/global-document.ts'
import type { Region } from '../../domain/region.ts'
import { ExchangeError } from '../../replication/signed.ts'
import { createGlobalPull, readGlobalReply, type GlobalNews } from '../../replication/global-exchange.ts'
import {
  ACCESS_KEY,
  type ChangePlace,
  type Changes,
  type GlobalChange,
  type GlobalStore,
  type GlobalWrites,
} from '../../storage/global-store.ts'
import type { Vault } from '../../storage/vault.ts'
import type { SecretBox } from '../../kernel/global-host.ts'
import type { HomeClaim } from './home-claims.ts'
import { lossMark, nameOf, openLossKeeper, type HomeLoss } from './home-loss.ts'
import type { PeerClient } from './peer-client.ts'
import { PeerError } from './peer-error.ts'
import { putBackText } from './notice-texts.ts'
import { signedFromJson, signedToJson } from './wire-signed.ts'

/** What a home answers that is none any more. */
const homeMoved = z.object({ moved: z.object({ home: z.string(), epoch: z.number().int() }) })

/** What a home answers that has forgotten what the copy knows. */
const homePutBack = z.object({ putBack: z.literal(true) })

/** How far the copy has come, in changes of each home that it has had. */
const AFTER = 'home-changes/'
/** In which span of that home's history. */
const SPAN = 'home-span/'
/** How many things of its own a copy looks at together. */
const PAGE = 500
/** When the copy was last as new as the home, by this machine's clock. */
const HEARD = 'home-heard-at'
/** How often the latter is kept, in milliseconds. */
const KEEP_HEARD_MS = 10_000

/** A copy of what is global, that is brought up to its home. */
export interface GlobalCopy {
  /** Resolves when the copy has all that the home had when it was called. @throws PeerError or ExchangeError */
  catchUp(): Promise<void>
  /** When it was last as new as the home, in epoch milliseconds; null where it never was. */
  readonly heardAt: () => number | null
  /** What is known here and not by the home, which was put back; null where it was not. */
  readonly loss: () => HomeLoss | null
}

/** When a copy was last as new as its home, as far as it was kept; null where it never was. */
export async function heardAtOf({ reads }: Pick<GlobalStore, 'reads'>): Promise<number | null> {
  const kept = await reads.meta(HEARD)
  return kept === null ? null : Number(kept)
}

/** What has a copy take everything of a home anew, and drop what that has not. */
export function marksToBeginAnew(home: Region): ReadonlyMap<string, string> {
  return new Map([[AFTER + home, '0'], lossMark(home, null)])
}

/** The same for a copy that is as new as its home now. */
export function marksToGoOn(home: Region): ReadonlyMap<string, string> {
  return new Map([...marksToBeginAnew(home), [HEARD, String(Date.now())]])
}

/** The home that is followed has given the accounts to another. */
export class HomeMovedError extends Error {
  readonly claim: HomeClaim
  constructor(from: Region, claim: HomeClaim) {
    super(`${from} has given the accounts to ${claim.home}.`)
    this.claim = claim
  }
}

/** The home that is followed was put back from a backup: nothing is taken from it until somebody agrees. */
export class HomePutBackError extends PeerError {
  constructor(home: Region) {
    super(putBackText(home))
  }
}

/** What a copy is made with. */
export interface GlobalCopyParts {
  readonly store: GlobalStore
  readonly secrets: SecretBox
  readonly home: PeerClient
  /** The public key of the home's identity now; undefined where it is not trusted any more. */
  readonly keyOf: () => Buffer | undefined
  /** The Region that asks. */
  readonly region: Region
  readonly vault: Pick<Vault, 'identity'>
}

export async function openGlobalCopy(parts: GlobalCopyParts): Promise<GlobalCopy> {
  const { store } = parts
  const [place, spanPlace] = [AFTER + parts.home.region, SPAN + parts.home.region]
  let after = Number((await store.reads.meta(place)) ?? '0')
  let span = await store.reads.meta(spanPlace)
  let heardAt = await heardAtOf(store)
  let keptAt = heardAt ?? 0
  const keeper = await openLossKeeper(store, parts.home.region, (page) => ask(parts, 0, null, page))
  let running: Promise<void> | null = null
  let next: Promise<void> | null = null

  /** INVARIANT: what is counted as known was taken in to the last page. */
  async function follow(): Promise<void> {
    const askedAt = Date.now()
    let head: number | null = null
    let headSpan: string | null = null
    let page: ChangePlace | null = null
    // A copy that begins with this home may have had another: what this one has not is dropped.
    const listed = after === 0 ? new Set<string>() : null
    do {
      const news: GlobalNews = await ask(parts, after, span, page)
      if (head === null) [head, headSpan] = [news.head, news.span]
      for (const change of news.changes) listed?.add(nameOf(change))
      if (news.changes.length > 0) await store.transaction((writes) => takeIn(writes, news.changes))
      page = news.next
    } while (page !== null)
    if (listed !== null) await dropOthers(store, listed)
    heardAt = askedAt
    const isKept = head === after && askedAt - keptAt < KEEP_HEARD_MS
    after = head
    span = headSpan
    if (isKept) return
    keptAt = askedAt
    await store.putMarks(
      new Map([
        [place, String(after)],
        [spanPlace, span ?? ''],
        [HEARD, String(askedAt)],
      ]),
    )
  }

  function start(): Promise<void> {
    running = follow()
      .then(keeper.drop, async (error: unknown) => {
        if (error instanceof HomePutBackError) await keeper.note()
        throw error
      })
      .finally(() => {
        running = null
      })
    return running
  }

  return {
    heardAt: () => heardAt,
    loss: keeper.loss,
    catchUp() {
      if (running === null) return start()
      // What is under way may have begun before the change that somebody waits for.
      next ??= running
        .catch(() => {})
        .then(() => {
          next = null
          return start()
        })
      return next
    },
  }
}

async function ask(
  { secrets, home, keyOf, region, vault }: GlobalCopyParts,
  after: number,
  span: string | null,
  place: ChangePlace | null,
): Promise<GlobalNews> {
  const asked = {
    home: home.region,
    destination: region,
    after,
    span: span === '' ? null : span,
    place: place && { ...place, row: [...place.row] },
  }
  const { pull, recipient } = createGlobalPull(vault.identity, asked)
  const answered = await home.ask('/global', signedToJson(pull))
  const moved = homeMoved.safeParse(answered)
  if (moved.success) throw new HomeMovedError(home.region, moved.data.moved)
  if (homePutBack.safeParse(answered).success) throw new HomePutBackError(home.region)
  const answer = signedFromJson(answered)
  const homeKey = keyOf()
  if (homeKey === undefined) throw new ExchangeError(`${home.region} is not trusted any more.`)
  return readGlobalReply(answer, homeKey, pull, recipient, secrets.seal)
}

/** Deletes what is not listed. */
async function dropOthers(store: GlobalStore, listed: ReadonlySet<string>): Promise<void> {
  let page: ChangePlace | null = null
  do {
    const { changes, next }: Changes = await store.reads.changesAfter(0, page, PAGE)
    page = next
    const others = changes.filter((change) => change.type !== 'deletion' && !listed.has(nameOf(change)))
    if (others.length === 0) continue
    await store.transaction(async (writes) => {
      for (const change of others) {
        if (change.type === 'document') await writes.deleteDocument(change.key)
        if (change.type === 'access-key') await writes.deleteAccessKey(change.key.id)
      }
    })
  } while (page !== null)
}

async function takeIn(writes: GlobalWrites, changes: readonly GlobalChange[]): Promise<void> {
  // What is gone first: a new user may have the name of a deleted one.
  for (const change of changes) if (change.type === 'deletion') await forget(writes, change)
  for (const change of changes) {
    if (change.type === 'access-key') await writes.putAccessKey(change.key)
    if (change.type === 'document') {
      await writes.putDocument(change.key, change.content as never, change.id ?? undefined)
    }
  }
}

function forget(writes: GlobalWrites, { kind, account, name }: Extract<GlobalChange, { type: 'deletion' }>) {
  return kind === ACCESS_KEY
    ? writes.deleteAccessKey(name)
    : writes.deleteDocument({ kind: kind as DocumentKind, account, name })
}
