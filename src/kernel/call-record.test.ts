import fc from 'fast-check'
import { expect, it } from 'vitest'
import { callRecord, type ApiCall } from './call-record.ts'
import { rootCaller } from './identities/caller.ts'

const ARNS = [
  'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  'arn:aws:kms:eu-west-1:444455556666:key/mrk-1234abcd12ab34cd56ef1234567890ab',
  'arn:aws:iam::111122223333:role/payments',
]
const callers = [rootCaller('111122223333', 'AKIAEXAMPLE'), rootCaller('444455556666', 'AKIAOTHER')]
const text = fc.string({ unit: 'binary' })
const fields = fc.dictionary(text, fc.jsonValue())

/** Any call, with texts that JSON has to escape. */
const calls: fc.Arbitrary<ApiCall> = fc.record(
  {
    eventSource: fc.constantFrom('kms.amazonaws.com', 'keyspan'),
    eventName: fc.constantFrom('Encrypt', 'ReplicateKey'),
    readOnly: fc.boolean(),
    region: fc.constantFrom('us-east-1', 'eu-west-1'),
    now: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    requestId: fc.oneof(fc.uuid(), text),
    caller: fc.constantFrom(...callers),
    sourceIp: fc.oneof(fc.ipV4(), text),
    userAgent: fc.oneof(text, fc.string({ minLength: 1000, maxLength: 1100 })),
    resources: fc.subarray(ARNS),
    error: fc.option(fc.record({ code: fc.constantFrom('AccessDeniedException', 'NotFoundException'), message: text })),
    via: fc.array(fc.constantFrom('cloudformation.amazonaws.com', 's3.amazonaws.com'), { minLength: 1, maxLength: 2 }),
    requestParameters: fc.option(fields),
    responseElements: fc.option(fields),
    additionalEventData: fields,
  },
  {
    requiredKeys: [
      'eventSource',
      'eventName',
      'readOnly',
      'region',
      'now',
      'requestId',
      'caller',
      'sourceIp',
      'userAgent',
      'resources',
      'error',
    ],
  },
)

/** The same record as one object. */
function asObject(call: ApiCall, eventId: string, recipient: string, shared: string | undefined) {
  const { caller, error } = call
  return {
    eventVersion: '1.11',
    userIdentity: {
      ...caller.record,
      arn: caller.arn,
      accountId: caller.account,
      accessKeyId: caller.accessKeyId,
      invokedBy: call.via?.at(-1),
    },
    eventTime: `${new Date(call.now).toISOString().slice(0, 19)}Z`,
    eventSource: call.eventSource,
    eventName: call.eventName,
    awsRegion: call.region,
    sourceIPAddress: call.sourceIp,
    userAgent: expect.anything(),
    ...(error !== null && {
      errorCode: error.code === 'AccessDeniedException' ? 'AccessDenied' : error.code,
      errorMessage: expect.anything(),
    }),
    requestParameters: call.requestParameters ?? null,
    responseElements: error === null ? (call.responseElements ?? null) : null,
    additionalEventData: call.additionalEventData,
    requestID: call.requestId,
    eventID: eventId,
    readOnly: call.readOnly,
    resources: call.resources.map((ARN) => ({
      accountId: ARN.split(':')[4],
      type: ARN.includes(':iam:') ? 'AWS::IAM::Role' : 'AWS::KMS::Key',
      ARN,
    })),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: recipient,
    sharedEventID: shared,
    eventCategory: 'Management',
  }
}

it('A record says what its call was, as JSON has it and in CloudTrail’s order, whatever the texts in it are', () => {
  fc.assert(
    fc.property(calls, fc.uuid(), fc.option(fc.uuid(), { nil: undefined }), (call, eventId, shared) => {
      const line = callRecord(call, { eventId, recipient: '111122223333', shared })
      const record = JSON.parse(line) as Record<string, unknown>
      const expected = asObject(call, eventId, '111122223333', shared)
      // What JSON has no word for, such as undefined members and a negative zero, is as JSON leaves it.
      const { userAgent: _, errorMessage: __, ...rest } = expected as Record<string, unknown>
      expect(record).toMatchObject(JSON.parse(JSON.stringify(rest)) as object)
      const order = Object.entries(expected).flatMap(([name, value]) => (value === undefined ? [] : [name]))
      expect(Object.keys(record)).toEqual(order)
      expect(line).toBe(JSON.stringify(record))
      expect(line).not.toContain('\n')
    }),
    { numRuns: 300 },
  )
})
