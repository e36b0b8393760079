import { randomUUID } from 'node:crypto'
import type { Region } from '../../domain/region.ts'
import { createKeyCache } from '../../kernel/keys/cache.ts'
import { createJournal } from '../../kernel/journal.ts'
import { openLastUses } from '../../kernel/keys/last-uses.ts'
import { createRegionMarks } from '../../kernel/region-marks.ts'
import type { RegionHost } from '../../kernel/region-host.ts'
import type { AuditLog, AuditMode } from '../../storage/audit/log.ts'
import { openRegionStore } from '../../storage/open-region-store.ts'
import type { RegionStore } from '../../storage/store.ts'
import { openVault } from '../../storage/vault.ts'
import type { DataDirectory } from '../data/data-directory.ts'
import type { Deployment } from '../data/deployment.ts'
import { nameDamage } from '../data/name-damage.ts'
import { putBackSaid, unsayPutBack } from '../data/put-back.ts'
import { recoverCommand } from '../data/recover-command.ts'
import { agreeOnMark, requireTogether } from '../data/rollback-watch.ts'
import { acknowledge, beginLife } from '../../replication/lives.ts'
import { openAudit } from './open-audit.ts'

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
  await using opened = new AsyncDisposableStack()
  const { root, id, keeping, keyrings, inTurn, stores, node, isOwnLog } = deployment
  const store = await inTurn(async () => {
    const opening = { root, deployment: id, now: now(), keeping, node }
    const opened = await nameDamage(stores.nameOf(region), () =>
      openRegionStore(stores.opener(region), region, opening),
    )
    keyrings.set(region, opened.keyring)
    return opened
  })
  opened.defer(async () => {
    keyrings.delete(region)
    await store.close()
  })
  const why = putBackSaid(data, region)
  await requireTogether(deployment.store, store, why !== null, recoverCommand(data, region))
  const vault = await openVault(store, id)
  await beginStreams(store)
  const audit = await openAudit(data.audit(region), store, { mode, keeping }, now, isOwnLog)
  opened.defer(() => audit.close())
  const journal = createJournal(store, audit)
  if (why !== null) {
    await beginAnother({ vault, journal }, why, now())
    // From here on what it has made of itself counts, and the word of whoever has put it back is used up.
    await agreeOnMark(deployment.store, store)
    await unsayPutBack(data, region)
  }
  const lastUses = await openLastUses(store, now())
  const marks = createRegionMarks()
  const files = opened.move()
  return {
    region,
    store,
    vault,
    audit,
    keys: createKeyCache(store, vault, marks, deployment.readyKeys),
    marks,
    lastUses,
    journal,
    close: () => files.disposeAsync(),
  }
}

/** A Region that was put back begins another life before anybody may use it. That it was is known to whoever said so. */
async function beginAnother(
  { vault, journal }: Pick<RegionHost, 'vault' | 'journal'>,
  why: string,
  now: number,
): Promise<void> {
  await journal.transaction(async (writes, note) => {
    await beginLife({ writes, note, vault }, why, now)
    await acknowledge({ writes })
  })
}

/** Names the streams to other Regions when they begin: a Region whose data was lost begins others. */
async function beginStreams(store: RegionStore): Promise<void> {
  if ((await store.reads.meta('stream-incarnation')) !== null) return
  await store.transaction((writes) => writes.putMeta('stream-incarnation', randomUUID()))
}
