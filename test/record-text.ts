import { expect } from 'vitest'

/** A record of an audit log. */
export interface RecordText {
  readonly eventName: string
  readonly eventSource: string
  readonly eventType: string
  readonly eventTime: string
  readonly awsRegion: string
  readonly readOnly: boolean
  readonly recipientAccountId: string
  readonly requestID?: string
  readonly sharedEventID?: string
  readonly errorCode?: string
  readonly errorMessage?: string
  readonly requestParameters: unknown
  readonly responseElements: unknown
  readonly additionalEventData?: unknown
  readonly userIdentity: Readonly<Record<string, unknown>>
  readonly resources?: readonly unknown[]
}

/** What differs from run to run, as what it is. */
export function standIns(text: string): string {
  return text
    .replaceAll(/mrk-[0-9a-f]{32}/g, 'mrk-<id>')
    .replaceAll(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g, '<uuid>')
    .replaceAll(/"[0-9a-f]{64}"/g, '"<64 hexadecimal digits>"')
    .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"<time>"')
    .replaceAll(/"AKIA[A-Z0-9]{16}"/g, '"<access key>"')
    .replaceAll(/"userAgent": "aws-sdk-js[^"]*"/g, '"userAgent": "<SDK>"')
    .replaceAll(/"(?:127\.0\.0\.1|::1)"/g, '"<address>"')
}

/** The members of every record, and those that some have ("CloudTrail record contents", AWS CloudTrail User Guide). */
const ALWAYS = [
  'awsRegion',
  'eventCategory',
  'eventID',
  'eventName',
  'eventSource',
  'eventTime',
  'eventType',
  'eventVersion',
  'managementEvent',
  'readOnly',
  'recipientAccountId',
  'requestParameters',
  'responseElements',
  'sourceIPAddress',
  'userAgent',
  'userIdentity',
]
const SOMETIMES = [
  'additionalEventData',
  'errorCode',
  'errorMessage',
  'requestID',
  'resources',
  'serviceEventDetails',
  'sharedEventID',
]

/** Holds a record to the members that AWS documents, and to no other. */
export function expectDocumentedMembers(record: RecordText): void {
  const names = Object.keys(record)
  expect(ALWAYS.filter((name) => !names.includes(name))).toEqual([])
  expect(names.filter((name) => !ALWAYS.includes(name) && !SOMETIMES.includes(name))).toEqual([])
  expect(record.eventTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  // The service's own events have no request, but for those that AWS shows as calls (spec of each in AWS KMS's guide).
  expect(record.requestID === undefined).toBe(record.eventType === 'AwsServiceEvent')
}
