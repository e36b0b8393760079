import { z } from 'zod'
import { NOTHING_DELIVERED, type DeliveryStatus } from '../../../domain/trail/delivery.ts'
import { isLogging, type Trail } from '../../../domain/trail/trail.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findTrail, needFor, requireTrail } from '../trails/find.ts'

/** Shows whether a trail logs, when it has last delivered something, and what keeps it from it. */
export const getTrailStatus = globalReadOperation({
  name: 'GetTrailStatus',
  errors: Object.values(errors),
  input: z.object({ Name: z.string() }),
  load: ({ Name }, call, reads) => findTrail(reads, Name, call),
  requires: (_asked, found, call) => needFor('GetTrailStatus', found, call),
  async run(_asked, found, call, { reads }) {
    const trail = requireTrail(found, call)
    const key = { kind: 'trail-delivery', account: trail.account, name: trail.id } as const
    return wireStatus(trail, ((await reads.document(key)) ?? NOTHING_DELIVERED).status)
  },
  record: (asked) => recordOf(asked),
})

function wireStatus(trail: Trail, { attemptedAt, deliveredAt, error, digestedAt, digestError }: DeliveryStatus) {
  return {
    IsLogging: isLogging(trail),
    ...(error !== null && { LatestDeliveryError: error }),
    ...timeIn('LatestDeliveryTime', deliveredAt),
    ...timeIn('StartLoggingTime', trail.startedAt),
    ...timeIn('StopLoggingTime', trail.stoppedAt),
    ...timeIn('LatestDigestDeliveryTime', digestedAt),
    ...(digestError !== null && { LatestDigestDeliveryError: digestError }),
    LatestDeliveryAttemptTime: textOf(attemptedAt),
    LatestNotificationAttemptTime: '',
    LatestNotificationAttemptSucceeded: '',
    LatestDeliveryAttemptSucceeded: error === null ? textOf(deliveredAt) : '',
    TimeLoggingStarted: textOf(trail.startedAt),
    TimeLoggingStopped: textOf(trail.stoppedAt),
  }
}

function timeIn(name: string, at: number | null) {
  return at === null ? {} : { [name]: new Date(at) }
}

function textOf(time: number | null): string {
  return time === null ? '' : new Date(time).toISOString().replace(/\.\d{3}Z$/, 'Z')
}
