import { z } from 'zod'
import { stagedMaterial, type Imports, type KeyRecord } from '../../../domain/key.ts'
import type { Material } from '../../../domain/material-id.ts'
import { KEY_SPECS } from '../../../domain/key-spec.ts'
import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { expirationMembers } from '../keys/key-metadata.ts'
import { paged } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:ListKeyRotations'
const find = findKeyToManage(ACTION)

/**
 * Lists a key's completed rotations, or all of its materials, the oldest first. Of a key that never rotates the list is
 * empty.
 */
export const ListKeyRotations = readOperation({
  name: 'ListKeyRotations',
  errors: [
    errors.InvalidArnException,
    errors.InvalidMarkerException,
    errors.NotFoundException,
    errors.UnsupportedOperationException,
  ],
  input: z.object({
    KeyId: shape.keyId,
    IncludeKeyMaterial: z.enum(['ALL_KEY_MATERIAL', 'ROTATIONS_ONLY']).default('ROTATIONS_ONLY'),
    Limit: shape.limit(1000).default(100),
    Marker: shape.marker.optional(),
  }),
  load: ({ KeyId }, call, reads) => find(KeyId, call, reads),
  requires: (_input, key, { region }) => [need(ACTION, key, region)],
  run({ IncludeKeyMaterial, Limit, Marker }, { arn, record }, call, powers) {
    const page = paged('ListKeyRotations', call, powers)
    const after = page.after(Marker)
    const materials = KEY_SPECS[record.spec].rotatable ? record.materials : []
    const listed = materials.filter(
      (material) => IncludeKeyMaterial === 'ALL_KEY_MATERIAL' || material.rotation !== null,
    )
    const start = after === null ? 0 : listed.findIndex((material) => material.id === after) + 1
    const { items, ...more } = page.cut(listed.slice(start), Limit, (material) => material.id)
    const Rotations = items.map((material) => ({
      KeyId: arn,
      KeyMaterialId: material.id,
      KeyMaterialDescription: material.description,
      KeyMaterialState: materialState(record, material),
      RotationDate: material.rotation === null ? undefined : new Date(material.rotation.at),
      RotationType: material.rotation?.type,
      ...(record.imports !== undefined && importMembers(record.imports.held[material.id])),
    }))
    return { Rotations, ...more }
  },
  record: (input, key) => recordOf(input, [key]),
})

function materialState(key: KeyRecord, material: Material) {
  if (material.id === key.current) return 'CURRENT'
  if (material.id !== stagedMaterial(key)?.id) return 'NON_CURRENT'
  return material.importedEverywhere === false ? 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION' : 'PENDING_ROTATION'
}

/** Whether an imported material is in this Region, and until when. */
function importMembers(held: Imports['held'][string] | undefined) {
  return held === undefined
    ? { ImportState: 'PENDING_IMPORT' }
    : { ImportState: 'IMPORTED', ...expirationMembers(held.expiresAt) }
}
