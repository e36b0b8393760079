import { z } from 'zod'
import { stagedMaterial } from '../../../domain/key.ts'
import { ON_DEMAND_ROTATIONS_PER_KEY } from '../../../domain/limits.ts'
import type { KeySnapshot } from '../../../kernel/keys/snapshot.ts'
import { writeOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { rotateToImported } from '../../../replication/imports.ts'
import { startRotation } from '../../../replication/rotation.ts'
import { eventsOf, NOTHING, readSeat, writeStep } from '../../../replication/seat.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { recordOf } from '../record.ts'
import { requireRotatable } from '../keys/rotation.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:RotateKeyOnDemand'
const find = findKeyToManage(ACTION)

/** AWS refuses to rotate a key on demand so shortly before it rotates by itself. */
const CLOSE_TO_AUTOMATIC_MS = 20 * 60 * 1000

/**
 * Brings a new material to a key now, beside its schedule; or puts to use the one that was imported for it.
 *
 * Related keys go on with the former material until every one of them holds the new one.
 */
export const RotateKeyOnDemand = writeOperation({
  name: 'RotateKeyOnDemand',
  errors: [
    errors.ConflictException,
    errors.DisabledException,
    errors.InvalidArnException,
    errors.KMSInvalidStateException,
    errors.LimitExceededException,
    errors.NotFoundException,
    errors.UnsupportedOperationException,
  ],
  input: z.object({ KeyId: shape.keyId }),
  load: ({ KeyId }, call, reads) => find(KeyId, call, reads),
  requires: (_input, key, { region }) => [need(ACTION, key, region)],
  async run(_input, key, { now, chosen }, powers) {
    requireRotatable('RotateKeyOnDemand', key)
    const { account, id, rotation, onDemandRotations } = key.record
    const isImported = key.record.origin === 'EXTERNAL'
    if (isImported) requireImported(key)
    const pending = isImported ? null : stagedMaterial(key.record)
    // Asked again while it is under way, it is one rotation.
    if (pending?.requested?.type === 'ON_DEMAND') return { KeyId: key.arn }
    if (pending !== null) throw errors.ConflictException(`A rotation of ${key.arn} is in progress.`)
    if (rotation !== null && rotation.nextAt - now <= CLOSE_TO_AUTOMATIC_MS) {
      throw errors.ConflictException(`The automatic rotation of ${key.arn} is about to begin.`)
    }
    if (onDemandRotations >= ON_DEMAND_ROTATIONS_PER_KEY) {
      throw errors.LimitExceededException(
        'The on-demand rotations limit has been reached for the given keyId. ' +
          `No more on-demand rotations can be performed for this key: ${key.arn}`,
      )
    }
    const seat = await readSeat(powers.writes, account, id)
    const { step, brought } = isImported
      ? { step: rotateToImported(seat, now), brought: NOTHING }
      : startRotation(seat, 'ON_DEMAND', now, chosen?.material)
    await writeStep(powers, seat, step, brought, now)
    for (const record of eventsOf(seat, step.seat, now)) await powers.note(record)
    return { KeyId: key.arn }
  },
  record: (input, key, answer) => recordOf(input, [key], answer),
})

/** Refuses to rotate to imported material where none waits, or not every related key has it. */
function requireImported({ arn, record }: KeySnapshot): void {
  const staged = stagedMaterial(record)
  if (staged === null) {
    throw errors.KMSInvalidStateException(`No available key material pending rotation for the key: ${arn}.`)
  }
  if (staged.importedEverywhere === true) return
  throw errors.KMSInvalidStateException(
    'Cannot perform key material rotation: Key material has not been imported for replicas of the Multi-Region key.',
  )
}
