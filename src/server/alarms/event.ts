import { hash } from 'node:crypto'
import { z } from 'zod'

/** An event in EventBridge's envelope (Amazon EventBridge User Guide, "AWS service event metadata"). */
export interface AlarmEvent {
  readonly version: '0'
  /** The same each time that it is made from the same record. */
  readonly id: string
  readonly 'detail-type': string
  readonly source: string
  readonly account: string
  readonly time: string
  readonly region: string
  readonly resources: readonly string[]
  readonly detail: Readonly<Record<string, unknown>>
}

/** What of a record an event and its alarms need. */
const recordShape = z.looseObject({
  eventID: z.string(),
  eventTime: z.string(),
  eventSource: z.string(),
  eventName: z.string(),
  awsRegion: z.string(),
  eventType: z.string(),
  recipientAccountId: z.string(),
  resources: z.array(z.object({ ARN: z.string() })).optional(),
  serviceEventDetails: z.record(z.string(), z.unknown()).optional(),
})
type AuditedCall = z.infer<typeof recordShape>

/** What the service does by itself, and what KMS sends of it to EventBridge: the names of details there and in records. */
const KMS_EVENTS: Readonly<
  Record<string, { readonly type: string; readonly details: Readonly<Record<string, string>> }>
> = {
  DeleteKey: { type: 'KMS CMK Deletion', details: {} },
  RotateKey: {
    type: 'KMS CMK Rotation',
    details: {
      'key-origin': 'keyOrigin',
      'rotation-type': 'rotationType',
      'previous-key-material-id': 'previousKeyMaterialId',
      'current-key-material-id': 'currentKeyMaterialId',
    },
  },
  DeleteExpiredKeyMaterial: {
    type: 'KMS Imported Key Material Expiration',
    details: { 'key-material-id': 'keyMaterialId' },
  },
}

/** The event of a record, as EventBridge would have it; null where the line is no record. */
export function eventOf(line: string): AlarmEvent | null {
  const record = parseRecord(line)
  if (record === null) return null
  const { eventID, eventName, eventType, eventTime, awsRegion, recipientAccountId, eventSource } = record
  const kms = eventType === 'AwsServiceEvent' ? KMS_EVENTS[eventName] : undefined
  const type = kms?.type ?? `AWS ${eventType === 'AwsServiceEvent' ? 'Service Event' : 'API Call'} via CloudTrail`
  return {
    version: '0',
    id: idFrom(type, eventID),
    'detail-type': type,
    source: `aws.${eventSource.replace(/\.amazonaws\.com$/, '')}`,
    account: recipientAccountId,
    time: eventTime,
    region: awsRegion,
    // CloudTrail's events name theirs in the record.
    resources: kms === undefined ? [] : keysOf(record),
    detail: kms === undefined ? record : kmsDetail(record, kms.details),
  }
}

function parseRecord(line: string): AuditedCall | null {
  try {
    const record: unknown = JSON.parse(line)
    // The record itself, with its fields in their order.
    return recordShape.safeParse(record).success ? (record as AuditedCall) : null
  } catch {
    return null
  }
}

function kmsDetail(record: AuditedCall, names: Readonly<Record<string, string>>): Record<string, unknown> {
  const told = record.serviceEventDetails ?? {}
  const details = Object.entries(names).flatMap(([name, member]) =>
    told[member] === undefined ? [] : [[name, told[member]] as const],
  )
  return { 'key-id': keysOf(record)[0]?.replace(/^.*:key\//, ''), ...Object.fromEntries(details) }
}

function keysOf({ resources = [] }: Pick<AuditedCall, 'resources'>): readonly string[] {
  return resources.map(({ ARN }) => ARN)
}

/** A UUID that follows from what it is made of (RFC 9562, version 8). */
export function idFrom(...parts: readonly string[]): string {
  const bytes = hash('sha256', JSON.stringify(parts), 'buffer')
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** The key that an event is about, by its ARN; null where it is about none. */
export function keyOf({ resources, detail }: AlarmEvent): string | null {
  if (resources[0] !== undefined) return resources[0]
  return keysOf(detail)[0] ?? keyNamed(detail)
}

/** In the Region to which a primary has come, only the parameters name the key. */
function keyNamed({ requestParameters }: AlarmEvent['detail']): string | null {
  const id = (requestParameters as { keyId?: unknown } | null | undefined)?.keyId
  return typeof id === 'string' && id.includes(':key/') ? id : null
}

/** An event in one sentence, for people. */
export function sentenceOf(event: AlarmEvent): string {
  const { eventName, userIdentity, errorCode } = event.detail as {
    readonly eventName?: string
    readonly userIdentity?: { readonly arn?: string; readonly invokedBy?: string }
    readonly errorCode?: string
  }
  const key = keyOf(event)
  const what = `${eventName ?? event['detail-type']}${key === null ? '' : ` of ${key}`}`
  const who = userIdentity?.arn ?? userIdentity?.invokedBy
  const by = who === undefined ? '' : ` by ${who}`
  return `${what}${by} in ${event.region} at ${event.time}${errorCode === undefined ? '' : `, refused: ${errorCode}`}.`
}
