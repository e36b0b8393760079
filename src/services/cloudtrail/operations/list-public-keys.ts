import { z } from 'zod'
import { need } from '../../../kernel/access/need.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { timestamp } from '../../../kernel/parse.ts'
import { DIGEST_KEY, parseDigestKey } from '../../../storage/digest-key.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { refuseToken } from '../trails/token.ts'

/** Lists the public keys by which digests that were made in a time are verified. */
export const listPublicKeys = globalReadOperation({
  name: 'ListPublicKeys',
  errors: Object.values(errors),
  input: z.object({
    StartTime: timestamp.optional(),
    EndTime: timestamp.optional(),
    NextToken: z.string().optional(),
  }),
  load({ StartTime, EndTime, NextToken }) {
    refuseToken(NextToken)
    if (StartTime === undefined || EndTime === undefined || StartTime <= EndTime) return
    const [start, end] = [StartTime.toISOString(), EndTime.toISOString()]
    throw errors.InvalidTimeRangeException(`StartTime ${start} is after EndTime ${end}: give the earlier one first.`)
  },
  requires: (_asked, _found, { region }) => [need('cloudtrail:ListPublicKeys', '*', region)],
  async run({ StartTime, EndTime }, _found, _call, { reads }) {
    const stored = await reads.meta(DIGEST_KEY)
    if (stored === null) return { PublicKeyList: [] }
    const { publicKey, fingerprint, validFrom, validTo } = parseDigestKey(stored)
    const isAsked = (EndTime?.getTime() ?? validFrom) >= validFrom && (StartTime?.getTime() ?? validTo) <= validTo
    if (!isAsked) return { PublicKeyList: [] }
    const [ValidityStartTime, ValidityEndTime] = [new Date(validFrom), new Date(validTo)]
    return { PublicKeyList: [{ Value: publicKey, ValidityStartTime, ValidityEndTime, Fingerprint: fingerprint }] }
  },
  record: (asked) => recordOf(asked),
})
