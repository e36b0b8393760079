import { withImport, withoutImports } from '../domain/imports.ts'
import { currentGeneration, stagedMaterial, type Imports, type KeyRecord } from '../domain/key.ts'
import type { Material, MaterialId } from '../domain/material-id.ts'
import { roleOf } from '../domain/multi-region.ts'
import { activateStaged, heldMessage, isGoverning, isRelated, publish, type Seat, type Step } from './governing.ts'

/** A key whose material is imported. */
type Importing = KeyRecord & { readonly imports: Imports }

/**
 * A material that the key has never had comes to the primary, which names the key's materials.
 *
 * The first one is used at once. A later one waits to be rotated to, and before that, of related keys, to be imported
 * into every one.
 */
export function importNew(seat: Seat, id: MaterialId, expiresAt: number | null, description?: string): Step {
  const key = importing(seat)
  const material: Material = {
    id,
    generation: currentGeneration(key) + 1,
    rotation: null,
    requested: null,
    ...(description !== undefined && { description }),
  }
  const isFirst = key.current === null
  const staged = isFirst ? material : { ...material, importedEverywhere: key.family === null }
  return announce(seat, {
    ...key,
    materials: [...key.materials, staged],
    current: isFirst ? id : key.current,
    imports: withImport(key.imports, id, expiresAt),
  })
}

/**
 * A material that the key has comes to this Region, or comes again: with a new expiry, and in the primary with a new
 * description.
 */
export function importAgain(seat: Seat, id: MaterialId, expiresAt: number | null, description?: string): Step {
  const key = importing(seat)
  const materials = key.materials.map((material) =>
    material.id === id && description !== undefined ? { ...material, description } : material,
  )
  return announce(seat, { ...key, materials, imports: withImport(key.imports, id, expiresAt) })
}

/**
 * Materials leave this Region. In the primary, one that was never used is forgotten with its bytes, here and in every
 * related key.
 */
export function discard(seat: Seat, ids: readonly MaterialId[]): Step {
  const key = importing(seat)
  const staged = stagedMaterial(key)
  const isTakenBack = staged !== null && ids.includes(staged.id) && roleOf(key.family) === 'PRIMARY'
  return announce(seat, {
    ...key,
    materials: isTakenBack ? key.materials.slice(0, -1) : key.materials,
    imports: withoutImports(key.imports, (id) => !ids.includes(id)),
  })
}

/** The material that waits is used from now on, in every Region. It is known to be in all of them. */
export function rotateToImported(seat: Seat, now: number): Step {
  const key = importing(seat)
  const staged = stagedMaterial(key)
  if (staged === null) throw new Error('INVARIANT: a rotation to imported material has one to rotate to')
  return announce(seat, activateStaged({ ...key, onDemandRotations: key.onDemandRotations + 1 }, staged, now))
}

/** The others hear of it: from a primary what is shared, and from a replica what it holds. */
function announce(seat: Seat, key: Importing): Step {
  if (!isRelated(key)) return { seat: { ...seat, key }, out: [] }
  if (!isGoverning(key)) return { seat: { ...seat, key }, out: [heldMessage(key)] }
  // Whoever takes authority over hears of it when this key answers as a replica.
  return roleOf(key.family) === 'PRIMARY' ? publish(seat, key) : { seat: { ...seat, key }, out: [] }
}

function importing({ key }: Seat): Importing {
  if (key === null || key.imports === undefined)
    throw new Error('INVARIANT: only a key of origin EXTERNAL is imported to')
  return { ...key, imports: key.imports }
}
