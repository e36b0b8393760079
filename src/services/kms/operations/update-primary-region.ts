import { z } from 'zod'
import { roleOf } from '../../../domain/multi-region.ts'
import { common } from '../../../kernel/errors.ts'
import type { KeySnapshot } from '../../../kernel/keys/snapshot.ts'
import { writeOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { handOff } from '../../../replication/commands.ts'
import { NOTHING, readSeat, writeStep } from '../../../replication/seat.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { recordOf } from '../record.ts'
import { requireState } from '../requirements.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:UpdatePrimaryRegion'
const find = findKeyToManage(ACTION)

/**
 * Makes the replica in another Region the primary, and this key a replica.
 *
 * From the answer on this key has given its authority away; the other takes it when it hears of it, or refuses, and
 * then it comes back. There are never two primaries.
 */
export const UpdatePrimaryRegion = writeOperation({
  name: 'UpdatePrimaryRegion',
  errors: [
    errors.DisabledException,
    errors.InvalidArnException,
    errors.KMSInvalidStateException,
    errors.NotFoundException,
    errors.UnsupportedOperationException,
  ],
  input: z.object({ KeyId: shape.keyId, PrimaryRegion: shape.region }),
  looksElsewhere: true,
  async load({ KeyId, PrimaryRegion }, call, reads) {
    const primary = await find(KeyId, call, reads)
    if (primary.record.family === null) {
      throw errors.UnsupportedOperationException(`${primary.arn} is not a multi-region primary key.`)
    }
    const isHere = PrimaryRegion === call.region
    const replica = isHere ? primary : await reads.keyIn(PrimaryRegion, primary.record.account, primary.record.id)
    // Both keys' policies must allow it, and the replica's is known nowhere else.
    if (replica === undefined && reads.regions.includes(PrimaryRegion)) {
      throw common.KMSInternalException(
        `${PrimaryRegion} cannot be reached from ${call.region}. Nothing was changed: try again when it can.`,
      )
    }
    if (!replica) {
      throw common.ValidationException(`${primary.record.id} does not have a replica key in the specified Region.`)
    }
    return { primary, replica }
  },
  requires: ({ PrimaryRegion }, { primary, replica }, { region }) => {
    const context = { 'kms:PrimaryRegion': PrimaryRegion }
    const here = need(ACTION, primary, region, context)
    return replica === primary ? [here] : [here, need(ACTION, replica, PrimaryRegion, context)]
  },
  async run({ PrimaryRegion }, { primary, replica }, { now, requestId }, powers): Promise<void> {
    const { account, id } = primary.record
    requirePrimary(primary)
    requireState('UpdatePrimaryRegion', primary)
    if (replica === primary) return
    requireState('UpdatePrimaryRegion', replica)
    const seat = await readSeat(powers.writes, account, id)
    const member = seat.key?.family?.authority?.members[PrimaryRegion]
    if (member === undefined) {
      throw common.ValidationException(`${id} does not have a replica key in the specified Region.`)
    }
    await writeStep(powers, seat, handOff(seat, PrimaryRegion, requestId), NOTHING, now)
  },
  record: (input, found) => recordOf(input, [found?.primary ?? null]),
})

function requirePrimary({ arn, record }: KeySnapshot): void {
  if (record.family === null || roleOf(record.family) === 'REPLICA') {
    throw errors.KMSInvalidStateException(`${arn} is not a multi-Region primary key.`)
  }
}
