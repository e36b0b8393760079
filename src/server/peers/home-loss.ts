import { z } from 'zod'
import type { GlobalNews } from '../../replication/global-exchange.ts'
import {
  ACCESS_KEY,
  type ChangePlace,
  type Changes,
  type GlobalChange,
  type GlobalReads,
  type GlobalStore,
} from '../../storage/global-store.ts'
import type { Region } from '../../domain/region.ts'

/** Where a copy keeps what is lost with each home that it has had, which was put back. */
const LOSS = 'home-loss/'
/** How many things of its own a copy looks at together. */
const PAGE = 500
/** So many are named. */
const NAMED = 20

const shape = z.object({
  at: z.number(),
  gone: z.number().int(),
  changed: z.number().int(),
  /** What was deleted and is there again; an older version has not counted it. */
  revived: z.number().int().default(0),
  names: z.array(z.string()),
})

/** What a copy of accounts knows that their home does not, because that was put back from a backup. */
export type HomeLoss = z.infer<typeof shape>

/** What is kept of it, by name. @param loss null for none any more */
export function lossMark(home: Region, loss: HomeLoss | null): readonly [string, string] {
  return [LOSS + home, loss === null ? '' : JSON.stringify(loss)]
}

/** What would be lost by following a home, as it was kept; null where the home was not seen to be put back. */
export async function readLoss({ meta }: Pick<GlobalReads, 'meta'>, home: Region): Promise<HomeLoss | null> {
  const text = (await meta(LOSS + home)) ?? ''
  return text === '' ? null : shape.parse(JSON.parse(text))
}

/**
 * Holds all that a copy has against all that its home has. Nothing is changed.
 *
 * @param ask gives a page of what the home has
 */
async function compareWithHome(
  reads: Pick<GlobalReads, 'changesAfter'>,
  ask: (place: ChangePlace | null) => Promise<GlobalNews>,
): Promise<HomeLoss> {
  const theirs = new Map<string, { readonly content: string; readonly title: string }>()
  for await (const change of pagesOf(ask)) {
    if (change.type !== 'deletion') theirs.set(nameOf(change), { content: contentOf(change), title: titleOf(change) })
  }
  const names: string[] = []
  const counts = { gone: 0, changed: 0 }
  const [present, deleted] = [new Set<string>(), new Set<string>()]
  for await (const change of pagesOf((place) => reads.changesAfter(0, place, PAGE))) {
    if (change.type === 'deletion') {
      deleted.add(deletedName(change))
      continue
    }
    present.add(nameOf(change))
    const there = theirs.get(nameOf(change))
    if (there?.content === contentOf(change)) continue
    counts[there === undefined ? 'gone' : 'changed'] += 1
    if (names.length < NAMED) names.push(`${titleOf(change)}: ${there === undefined ? 'gone' : 'as it was before'}`)
  }
  // A name may have been given again since. What is there only, and was never here, was made since.
  const revived = [...deleted.difference(present)].flatMap((name) => theirs.get(name)?.title ?? [])
  const first = revived.map((title) => `${title}: was deleted, and lives again`)
  return { at: Date.now(), ...counts, revived: revived.length, names: [...first, ...names].slice(0, NAMED) }
}

/** What a copy keeps of what it would lose by following its home. */
export interface LossKeeper {
  readonly loss: () => HomeLoss | null
  /** The home was put back: holds all against all, once. */
  readonly note: () => Promise<void>
  /** The home is followed: there is nothing to lose. */
  readonly drop: () => Promise<void>
}

/** @param ask gives a page of what the home has */
export async function openLossKeeper(
  { reads, putMarks }: Pick<GlobalStore, 'reads' | 'putMarks'>,
  home: Region,
  ask: (place: ChangePlace | null) => Promise<GlobalNews>,
): Promise<LossKeeper> {
  let loss = await readLoss(reads, home)
  let isCompared = false
  return {
    loss: () => loss,
    async note() {
      if (isCompared) return
      const found = await compareWithHome(reads, ask)
      await putMarks(new Map([lossMark(home, found)]))
      loss = found
      isCompared = true
    },
    async drop() {
      if (loss !== null) await putMarks(new Map([lossMark(home, null)]))
      loss = null
      isCompared = false
    },
  }
}

/** What is lost, for people: a line for each that is named. */
export function lossLines({ gone, changed, revived, names }: HomeLoss): string {
  const more = gone + changed + revived - names.length
  const lines = [...names, ...(more > 0 ? [`... and ${more} more`] : [])].map((name) => `  ${name}\n`)
  return (
    `${gone} that are gone there, ${changed} that are there as they were before, and ${revived} that were deleted and ` +
    `live there again.\n${lines.join('')}`
  )
}

/** What a listing has, each by a name that nothing else has. */
export function nameOf(change: GlobalChange): string {
  if (change.type === 'access-key') return JSON.stringify([change.key.id])
  if (change.type === 'deletion') return ''
  const { kind, account, name } = change.key
  return JSON.stringify([kind, account, name])
}

/** The name that what was deleted had. */
function deletedName({ kind, account, name }: Extract<GlobalChange, { type: 'deletion' }>): string {
  return JSON.stringify(kind === ACCESS_KEY ? [name] : [kind, account, name])
}

/** SECURITY: secrets are left out: they are sealed otherwise in each place. */
function contentOf(change: GlobalChange): string {
  if (change.type === 'deletion') return ''
  return JSON.stringify(
    change.type === 'document' ? [change.id, change.content] : [change.key.owner, change.key.content],
  )
}

function titleOf(change: GlobalChange): string {
  if (change.type === 'access-key') return `access key ${change.key.id} of ${change.key.owner ?? change.key.account}`
  if (change.type === 'deletion') return ''
  const { kind, account, name } = change.key
  return kind === 'account' ? `account ${account}` : `${kind} ${name} of ${account}`
}

async function* pagesOf(list: (place: ChangePlace | null) => Promise<Changes>): AsyncGenerator<GlobalChange> {
  let place: ChangePlace | null = null
  do {
    const { changes, next }: Changes = await list(place)
    yield* changes
    place = next
  } while (place !== null)
}
