import { randomUUID } from 'node:crypto'
import type { Region } from '../domain/region.ts'
import { createKeyCache } from '../kernel/key-cache.ts'
import { createJournal, recoverJournal } from '../kernel/journal.ts'
import { openLastUses } from '../kernel/last-uses.ts'
import type { RegionHost } from '../kernel/region-host.ts'
import { findRecords, openAuditLog, type AuditLog, type AuditMode } from '../storage/audit-log.ts'
import { openRegionStore } from '../storage/region-store.ts'
import type { RegionStore } from '../storage/store.ts'
import { openVault } from '../storage/vault.ts'
import { DataDirectoryError, type DataDirectory } from './data-directory.ts'
import type { Deployment } from './deployment.ts'

/** A Region that this process serves, with what has to be closed. */
export interface OpenRegion extends RegionHost {
  readonly audit: AuditLog
  close(): Promise<void>
}

/** Opens a Region, and brings its audit log up to what it has committed. */
export async function openRegion(
  region: Region,
  data: DataDirectory,
  deployment: Deployment,
  mode: AuditMode,
  now: () => number,
): Promise<OpenRegion> {
  const { root, id } = deployment
  const store = await openRegionStore(data.region(region), region, { root, deployment: id, now: now() })
  const vault = await openVault(store, id)
  await beginStreams(store)
  const directory = data.audit(region)
  const audit = await openAuditLog(directory, mode, now)
  await recoverJournal(store, audit, (eventIds) => findRecords(directory, eventIds))
  return {
    region,
    store,
    vault,
    audit,
    keys: createKeyCache(store, vault),
    lastUses: await openLastUses(store, now()),
    journal: createJournal(store, audit),
    async close() {
      await audit.close()
      await store.close()
    },
  }
}

/** Names the streams to other Regions when they begin: a Region whose data was lost begins others. */
async function beginStreams(store: RegionStore): Promise<void> {
  if ((await store.reads.meta('stream-incarnation')) !== null) return
  await store.transaction((writes) => writes.putMeta('stream-incarnation', randomUUID()))
}

/** Lets the Regions of one process trust each other. An identity that has changed since is refused. */
export async function introduce(regions: readonly OpenRegion[]): Promise<void> {
  for (const { store } of regions) {
    await store.transaction(async (writes) => {
      for (const other of regions) {
        if (other.region === store.region) continue
        const known = await writes.peer(other.region)
        const { publicKey } = other.vault.identity
        const incarnation = (await other.store.reads.meta('stream-incarnation')) ?? ''
        if (known === null) await writes.putPeer({ region: other.region, publicKey, incarnation })
        else if (!known.publicKey.equals(publicKey) || known.incarnation !== incarnation) {
          throw new DataDirectoryError(
            `${other.region} is not the Region that ${store.region} knows by that name: its database was replaced or ` +
              'lost. Put the databases of all Regions back from the same backup.',
          )
        }
      }
    })
  }
}
