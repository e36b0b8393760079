import { z } from 'zod'
import { common } from '../../../kernel/errors.ts'
import { writeOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { discard } from '../../../replication/imports.ts'
import { NOTHING, readSeat, writeStep } from '../../../replication/seat.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { refuseForOneMaterial, requireImporting, shownMaterialId } from '../keys/imports.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:DeleteImportedKeyMaterial'
const find = findKeyToManage(ACTION)

/**
 * Deletes imported material at once, in this Region only: the current one unless another is named.
 *
 * A key cannot be used without a material that it has ever encrypted with, and takes that very one again. A material
 * that waits to be rotated to is taken back: from the primary, out of all related keys.
 */
export const DeleteImportedKeyMaterial = writeOperation({
  name: 'DeleteImportedKeyMaterial',
  errors: [
    errors.InvalidArnException,
    errors.KMSInvalidStateException,
    errors.NotFoundException,
    errors.UnsupportedOperationException,
  ],
  input: z.object({ KeyId: shape.keyId, KeyMaterialId: shape.keyMaterialId.optional() }),
  load: ({ KeyId }, call, reads) => find(KeyId, call, reads),
  requires: (_input, key, { region }) => [need(ACTION, key, region)],
  async run({ KeyMaterialId }, key, { now }, powers) {
    requireImporting('DeleteImportedKeyMaterial', key)
    const { account, id, spec, current, materials } = key.record
    refuseForOneMaterial(spec, { KeyMaterialId })
    if (KeyMaterialId !== undefined && !materials.some((material) => material.id === KeyMaterialId)) {
      throw common.ValidationException(
        `Key material (id: ${KeyMaterialId}) has never been imported into KMS key ${key.arn}.`,
      )
    }
    const target = KeyMaterialId ?? current
    if (target !== null) {
      const seat = await readSeat(powers.writes, account, id)
      await writeStep(powers, seat, discard(seat, [target]), NOTHING, now)
    }
    return { KeyId: key.arn, KeyMaterialId: shownMaterialId(spec, target) }
  },
  record: (input, key, answer) => recordOf(input, [key], answer),
})
