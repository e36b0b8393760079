import { DatabaseSync } from 'node:sqlite'
import { isRetired, type RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import { PARTITION } from '../../domain/region.ts'
import { checkSealed, type SealedReport } from '../../storage/check-sealed.ts'
import { readDomainKeyRows } from '../../storage/domain-key-rows.ts'
import { DataDirectoryError, storesOf, type DataDirectory } from '../data/data-directory.ts'
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

/** Reads the keyring of a data directory, whether or not its server runs. */
export async function keyringStatus(data: DataDirectory): Promise<KeyringStatus> {
  const stores = requireStores(data)
  const kept = await readKeyringFile(data)
  return {
    provider: kept?.holder.provider ?? 'file',
    isMoving: kept !== null && Object.keys(kept.staged).length > 0,
    stores: [...stores].map(([place, path]) => {
      const rows = readDomainKeyRows(path)
      const newest = rows.at(-1)
      const domainKeys = rows.map((row) => {
        const state =
          row === newest ? ('current' as const) : isRetired(row) ? ('retired' as const) : ('former' as const)
        return { version: row.version, rootKey: row.rootRef, state }
      })
      return { place, domainKeys }
    }),
  }
}

/** Opens everything in all databases, whether or not their server runs. */
export async function verifyKeyring(data: DataDirectory, root: RootKeyProvider): Promise<readonly SealedReport[]> {
  const reports: SealedReport[] = []
  const stores = requireStores(data)
  const deployment = deploymentOf(data)
  for (const [region, path] of stores) {
    reports.push(await checkSealed(path, root, { deployment, partition: PARTITION, region }))
  }
  return reports
}

function requireStores(data: DataDirectory): ReadonlyMap<string, string> {
  const stores = storesOf(data)
  if (!stores.has('global')) throw new DataDirectoryError(`${data.path} holds no data. Give --data.`)
  return stores
}

function deploymentOf({ global }: DataDirectory): string {
  using database = new DatabaseSync(global, { readOnly: true, timeout: 5000 })
  const row = database.prepare("select value from meta where name = 'deployment'").get()
  return String(row?.['value'] ?? '')
}
