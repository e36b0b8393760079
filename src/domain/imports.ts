import { currentGeneration, type Imports, type KeyRecord } from './key.ts'
import type { Material, MaterialId } from './material-id.ts'
import type { Region } from './region.ts'

/** Before anything was imported. */
export const NO_IMPORTS: Imports = { revision: 0, held: {} }

/** Says whether the bytes of a material are in this Region. */
export function holds({ imports, materials }: Pick<KeyRecord, 'imports' | 'materials'>, id: MaterialId): boolean {
  return imports === undefined ? materials.some((material) => material.id === id) : Object.hasOwn(imports.held, id)
}

/** Says whether a material once encrypted, so that the key cannot be used without it. */
export function isPermanent(key: Pick<KeyRecord, 'current' | 'materials'>, { generation }: Material): boolean {
  return generation <= currentGeneration(key)
}

/** Says whether a key waits for material to be imported: nothing ever was, or something that it needs is not here. */
export function awaitsImport(key: Pick<KeyRecord, 'current' | 'imports' | 'materials'>): boolean {
  if (key.imports === undefined) return false
  return key.current === null || key.materials.some((each) => isPermanent(key, each) && !holds(key, each.id))
}

/** Where a material is yet to be imported, as far as the key's primary knows; or where a key that stands alone is. */
export function regionsLacking(key: KeyRecord, id: MaterialId): readonly Region[] {
  const members = Object.entries(key.family?.authority?.members ?? {})
  const lacking = members.flatMap(([region, { imports }]) => (imports?.held.includes(id) ? [] : [region]))
  return holds(key, id) ? lacking : [key.region, ...lacking]
}

/** When the first of the materials that are here expires; null where none does. */
export function nextExpiry({ imports }: Pick<KeyRecord, 'imports'>): number | null {
  const times = Object.values(imports?.held ?? {}).flatMap(({ expiresAt }) => (expiresAt === null ? [] : [expiresAt]))
  return times.length === 0 ? null : Math.min(...times)
}

/** The materials that are here and whose time is over. */
export function expiredImports({ imports }: Pick<KeyRecord, 'imports'>, now: number): readonly MaterialId[] {
  const held = Object.entries(imports?.held ?? {})
  return held.flatMap(([id, { expiresAt }]) => (expiresAt !== null && expiresAt <= now ? [id] : []))
}

/** The same as before, with a material that has come, or come again. */
export function withImport({ revision, held }: Imports, id: MaterialId, expiresAt: number | null): Imports {
  return { revision: revision + 1, held: { ...held, [id]: { expiresAt } } }
}

/** The same as before, with only those materials of which `keep` says so. */
export function withoutImports(imports: Imports, keep: (id: MaterialId) => boolean): Imports {
  const held = Object.entries(imports.held).filter(([id]) => keep(id))
  if (held.length === Object.keys(imports.held).length) return imports
  return { revision: imports.revision + 1, held: Object.fromEntries(held) }
}
