import { withoutImports } from '../domain/imports.ts'
import { currentGeneration, type Imports, type Material } from '../domain/key.ts'
import type { MaterialId } from '../domain/material-id.ts'
import type { Related } from './governing.ts'
import type { SharedProperties } from './message.ts'

/**
 * Takes over shared properties. Materials, unless imported, only ever grow and the current one never steps back, so that a message
 * that comes late can do no harm.
 */
export function adopt(
  key: Related,
  shared: Omit<SharedProperties, 'replicaRegions'>,
  known: readonly Material[],
): Related {
  if (key.imports !== undefined) return adoptImported(key, key.imports, shared)
  const merged = new Map<MaterialId, Material>()
  for (const material of [...key.materials, ...known]) {
    const before = merged.get(material.id)
    merged.set(material.id, before?.rotation ? before : material)
  }
  const materials = [...merged.values()].toSorted((a, b) => a.generation - b.generation)
  const isStep =
    merged.has(shared.current ?? '') && currentGeneration({ ...shared, materials }) > currentGeneration(key)
  return {
    ...key,
    materials,
    current: isStep ? shared.current : key.current,
    rotation: shared.rotation,
    onDemandRotations: shared.onDemandRotations,
  }
}

/**
 * Imported materials are named by the primary and held by whoever imports them. One that was never used can be taken
 * back; it is then forgotten here as well.
 */
function adoptImported(key: Related, imports: Imports, shared: Omit<SharedProperties, 'replicaRegions'>): Related {
  const { materials, current, onDemandRotations } = shared
  const named = new Set(materials.map((material) => material.id))
  return { ...key, materials, current, onDemandRotations, imports: withoutImports(imports, (id) => named.has(id)) }
}
