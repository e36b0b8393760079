import { readFile } from 'node:fs/promises'
import type { RootKeyProvider } from '../../../crypto/sealing/keyring.ts'
import { PARTITION } from '../../../domain/region.ts'
import { readLevelFiles } from '../../../storage/audit-tree/level-files.ts'
import type { TileReader } from '../../../storage/audit-tree/tiles.ts'
import { checkStore, type StoreReport } from '../../../storage/check-store.ts'
import { metaOf } from '../../../storage/own-names.ts'
import type { StoreHouse } from '../../../storage/store-house.ts'
import { DataDirectoryError, type DataDirectory } from '../../data/data-directory.ts'
import { keptIn } from '../../data/kept.ts'
import { publicKeysOf } from '../log-keys.ts'
import { treeFiles } from '../tree-files.ts'
import { parseSeen, seenName, type Seen } from '../witness.ts'

/** What there is to check one log by. */
export interface Evidence {
  /** A Region, or `global`. */
  readonly place: string
  /** The directory of its files. */
  readonly log: string
  readonly tiles: TileReader & AsyncDisposable
  /** As they are written; null where there is none. */
  readonly checkpoint: string | null
  readonly cosigned: string | null
  /** Null where the log has no key yet. */
  readonly key: string | null
  /** The keys of those who may vouch for it, by their places. */
  readonly witnesses: ReadonlyMap<string, string>
  /** What stores have seen of it, by their places. */
  readonly seen: ReadonlyMap<string, Seen>
  /** Looks at every row of the store that the log belongs to; null where it is not at hand, or its root key is not. */
  readonly checkState: (() => Promise<StoreReport>) | null
}

/**
 * Gathers what there is of the logs of one process, whether or not it runs.
 *
 * @param root null where it is not at hand
 */
export async function gatherEvidence(
  data: DataDirectory,
  root: RootKeyProvider | null,
  { stores, node } = keptIn(data),
): Promise<readonly Evidence[]> {
  const places = await stores.places()
  if (!places.includes('global')) throw new DataDirectoryError(`${data.path} holds no data. Give --data.`)
  // What others have seen is read before checkpoints, which only grow, and checkpoints before states, which do so too.
  const metas = new Map<string, ReadonlyMap<string, string>>()
  for (const place of places) metas.set(place, metaOf(await readMeta(stores, place), node))
  const deployment = metas.get('global')?.get('deployment') ?? ''
  const witnesses = new Map<string, string>()
  for (const [place, meta] of metas) {
    const keys = publicKeysOf(meta)
    if (keys !== null && place !== 'global') witnesses.set(place, keys.witness)
  }
  const found: Evidence[] = []
  for (const place of places) {
    const log = data.audit(place)
    const directory = data.tree(place)
    const files = treeFiles(directory)
    // A store that is being made has no key yet, and may have a checkpoint a moment later.
    const key = publicKeysOf(metas.get(place) ?? new Map())?.log ?? null
    const cosigned = key === null ? null : await readText(files.cosigned)
    found.push({
      place,
      log,
      tiles: await readLevelFiles(directory),
      cosigned,
      checkpoint: key === null ? null : await readText(files.checkpoint),
      key,
      witnesses: new Map([...witnesses].filter(([each]) => each !== place)),
      seen: seenOf(place, metas),
      checkState: root === null ? null : () => checkState(stores, root, { deployment, region: place }),
    })
  }
  return found
}

function seenOf(place: string, metas: ReadonlyMap<string, ReadonlyMap<string, string>>): ReadonlyMap<string, Seen> {
  const seen = new Map<string, Seen>()
  for (const [by, meta] of metas) {
    const found = parseSeen(meta.get(seenName(place)) ?? null)
    if (found !== null) seen.set(by, found)
  }
  return seen
}

/** What a store keeps under names of its own. Whether it is authentic is seen when all of the store is looked at. */
async function readMeta(stores: StoreHouse, place: string): Promise<ReadonlyMap<string, string>> {
  await using store = await stores.snapshot(place)
  const meta = new Map<string, string>()
  for await (const { name, value } of store.rows('meta')) meta.set(String(name), String(value))
  return meta
}

async function checkState(
  stores: StoreHouse,
  root: RootKeyProvider,
  place: { readonly deployment: string; readonly region: string },
): Promise<StoreReport> {
  await using store = await stores.snapshot(place.region)
  return await checkStore(store, root, { ...place, partition: PARTITION })
}

/** The text of a file; null where there is none. */
export function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
}
