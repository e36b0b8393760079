import type { Region } from '../../domain/region.ts'
import type { GlobalStore } from '../../storage/global-store.ts'
import type { RegionStore } from '../../storage/store.ts'
import { DataDirectoryError } from './data-directory.ts'

/** How often stores are told of each other's changes: what a kill can keep from them at most. */
const TELL_MS = 1000
const GLOBAL = 'global'

type Store = Pick<RegionStore, 'reads' | 'changes' | 'putMarks'> | Pick<GlobalStore, 'reads' | 'changes' | 'putMarks'>

/** Lets stores know of each other how far they have come. */
export interface RollbackWatch {
  stop(): Promise<void>
}

/**
 * Notices a database that was put back from a backup alone: deleted access keys would live again, and a Region would
 * have forgotten what it has done. Asked before either is changed.
 *
 * @param isSaid whether somebody has said that the Region was put back
 * @param recover the command that says so
 * @throws DataDirectoryError where one has come less far than the other has seen
 */
export async function requireTogether(
  global: GlobalStore,
  region: RegionStore,
  isSaid: boolean,
  recover: string,
): Promise<void> {
  if (!isSaid) await requireNoOlder(global, region, region.region, recover)
  await requireNoOlder(region, global, GLOBAL, null)
}

/** Tells the global store how far each Region has come, and each Region how far the global store has. */
export function watchRollbacks(
  global: GlobalStore,
  hosts: Iterable<{ readonly store: RegionStore }>,
  onError: (error: unknown, what: string) => void,
): RollbackWatch {
  const told = new Map<Store, number>()
  const tellAll = async (): Promise<void> => {
    const regions = [...hosts].map(({ store }) => store)
    const seen = new Map<Store, number>([global, ...regions].map((store) => [store, store.changes()]))
    const isNews = (store: Store) => told.get(store) !== seen.get(store)
    const markOf = (store: Store, name: string) => [nameOf(name), String(seen.get(store))] as const
    const changed = regions.filter(isNews)
    if (changed.length > 0) await global.putMarks(new Map(changed.map((store) => markOf(store, store.region))))
    if (isNews(global)) for (const region of regions) await region.putMarks(new Map([markOf(global, GLOBAL)]))
    for (const [store, changes] of seen) told.set(store, changes)
  }

  let last: Promise<void> = Promise.resolve()
  const next = (): Promise<void> => {
    last = last.then(tellAll).catch((error: unknown) => onError(error, 'tell stores of each other'))
    return last
  }
  const timer = setInterval(() => void next(), TELL_MS)
  return {
    async stop() {
      clearInterval(timer)
      await next()
    },
  }
}

/** A Region has come less far than before, and somebody has said so. */
export function agreeOnMark(global: Pick<GlobalStore, 'putMarks'>, store: RegionStore): Promise<void> {
  return global.putMarks(new Map([[nameOf(store.region), String(store.changes())]]))
}

/** Nothing is known any more of how far a Region had come that is gone for good. */
export function forgetMark(global: Pick<GlobalStore, 'putMarks'>, region: Region): Promise<void> {
  return global.putMarks(new Map([[nameOf(region), '0']]))
}

function nameOf(name: string): string {
  return `changes-of-${name}`
}

async function requireNoOlder(witness: Store, store: Store, name: string, recover: string | null): Promise<void> {
  const seen = Number((await witness.reads.meta(nameOf(name))) ?? '0')
  if (seen <= store.changes()) return
  throw new DataDirectoryError(
    `The database of ${name} has made fewer changes than others have seen of it: it was put back ` +
      'from a backup alone. What was deleted since would live again. ' +
      (recover === null
        ? 'Put the files of all of one backup back together: keyspan restore.'
        : `Put the files of all of one backup back together: keyspan restore. Or have it find out from the other Regions ` +
          `what it has forgotten: ${recover}`),
  )
}
