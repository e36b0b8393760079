import { hash } from 'node:crypto'
import type { DigestedFile, FilesPlan, PlannedFile, TrailDelivery } from '../../../domain/trail/delivery.ts'
import { compress } from './compress.ts'
import { fileKey, type SelectedEvents } from './select-events.ts'
import type { TrailStore } from './trail-store.ts'

/**
 * Puts the files of a plan; gives the chains in which digests list them.
 *
 * @throws DeliveryError
 */
export async function putFiles(
  store: TrailStore,
  plan: FilesPlan,
  events: ReadonlyMap<string, SelectedEvents>,
  known: TrailDelivery['chains'],
  signal: AbortSignal,
): Promise<TrailDelivery['chains']> {
  let chains = known
  for (const planned of plan.files) {
    const selected = events.get(fileKey(planned))
    // The log has been pruned since.
    if (selected === undefined) continue
    const file = await putFile(store, planned, selected, signal)
    if (planned.validatedSince === null) continue
    const chain = chains[planned.region] ?? { since: planned.validatedSince, files: [], previous: null }
    chains = { ...chains, [planned.region]: { ...chain, files: [...chain.files, file] } }
  }
  return chains
}

async function putFile(
  store: TrailStore,
  { bucket, object }: PlannedFile,
  { records, oldest, newest }: SelectedEvents,
  signal: AbortSignal,
): Promise<DigestedFile> {
  const text = `{"Records":[${records.join(',')}]}`
  await store.put({ bucket, object, bytes: await compress(text), metadata: {} }, signal)
  return { bucket, object, hash: hash('sha256', text), oldest, newest }
}
