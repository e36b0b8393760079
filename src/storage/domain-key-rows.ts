import type { WrappedDomainKey } from '../crypto/sealing/keyring.ts'
import type { Snapshot, StoreHouse } from './store-house.ts'

interface Row {
  readonly version: number
  readonly format: number
  readonly root_ref: string
  readonly wrapped: Uint8Array
  readonly kcv: Uint8Array
}

/** The domain keys of a store as they rest, by ascending version. One that was never begun has none. */
export async function domainKeyRows(store: Snapshot): Promise<readonly WrappedDomainKey[]> {
  if (!(await store.has('domain_key'))) return []
  const rows: Row[] = []
  for await (const row of store.rows('domain_key')) rows.push(row as unknown as Row)
  return rows.map(({ version, format, root_ref: rootRef, wrapped, kcv }) => ({
    version,
    format,
    rootRef,
    wrapped: Buffer.from(wrapped),
    kcv: Buffer.from(kcv),
  }))
}

/** Those of a place, which may be in use. */
export async function readDomainKeyRows(stores: StoreHouse, place: string): Promise<readonly WrappedDomainKey[]> {
  await using store = await stores.snapshot(place)
  return await domainKeyRows(store)
}
