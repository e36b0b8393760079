import { isRetired, type RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import { PARTITION } from '../../domain/region.ts'
import { checkSealed, type SealedReport } from '../../storage/check-sealed.ts'
import { readDomainKeyRows } from '../../storage/domain-key-rows.ts'
import type { StoreHouse } from '../../storage/house/store-house.ts'
import type { DataDirectory } from '../data/data-directory.ts'
import { DEPLOYMENT } from '../../storage/sql/common.ts'
import { keptIn, type Kept } from '../data/kept.ts'
import { readKeyringFile } from './keyring-file.ts'

/** The domain keys of one database. */
interface StoreStatus {
  /** A Region, or `global`. */
  readonly place: string
  readonly domainKeys: readonly {
    readonly version: number
    /** The name of the root key that has wrapped it. */
    readonly rootKey: string
    /** Under a former one rows may still rest; under one that is retired none does. */
    readonly state: 'current' | 'former' | 'retired'
  }[]
}

/** What can be known of a keyring without opening it. */
export interface KeyringStatus {
  readonly provider: string
  /** Whether databases are still to be written after a root key was rotated: the next start does it. */
  readonly isMoving: boolean
  readonly stores: readonly StoreStatus[]
}

/** Reads the keyring of a deployment, whether or not its server runs. */
export async function keyringStatus(data: DataDirectory, { stores } = keptIn(data)): Promise<KeyringStatus> {
  const kept = await readKeyringFile(data)
  const found: StoreStatus[] = []
  for (const place of await stores.places()) found.push(statusOf(place, await readDomainKeyRows(stores, place)))
  return {
    provider: kept?.holder.provider ?? 'file',
    isMoving: kept !== null && Object.keys(kept.staged).length > 0,
    stores: found,
  }
}

function statusOf(place: string, rows: Awaited<ReturnType<typeof readDomainKeyRows>>): StoreStatus {
  const newest = rows.at(-1)
  const domainKeys = rows.map((row) => {
    const state = row === newest ? ('current' as const) : isRetired(row) ? ('retired' as const) : ('former' as const)
    return { version: row.version, rootKey: row.rootRef, state }
  })
  return { place, domainKeys }
}

/** Opens everything in all databases, whether or not their server runs. */
export async function verifyKeyring(
  root: RootKeyProvider,
  { stores }: Pick<Kept, 'stores'>,
): Promise<readonly SealedReport[]> {
  const reports: SealedReport[] = []
  const deployment = await deploymentIn(stores)
  for (const region of await stores.places()) {
    await using store = await stores.snapshot(region)
    reports.push(await checkSealed(store, root, { deployment, partition: PARTITION, region }))
  }
  return reports
}

/** The deployment that stores belong to, by their own account. */
async function deploymentIn(stores: StoreHouse): Promise<string> {
  await using global = await stores.snapshot('global')
  return String((await global.find('meta', { name: DEPLOYMENT }))?.['value'] ?? '')
}
