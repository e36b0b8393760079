import { describe, expect, it } from 'vitest'
import { recordServiceEvent } from '../../kernel/audit.ts'
import { eventOf, idFrom, keyOf, sentenceOf } from './event.ts'

const KEY = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd'
const about = { region: 'us-east-1', now: Date.parse('2026-11-25T12:00:00.500Z'), account: '111122223333', keyArn: KEY }

describe('The events that KMS sends', () => {
  it.each([
    ['DeleteKey', 'KMS CMK Deletion', undefined, {}],
    [
      'RotateKey',
      'KMS CMK Rotation',
      {
        rotationType: 'AUTOMATIC',
        keyOrigin: 'AWS_KMS',
        previousKeyMaterialId: 'a',
        currentKeyMaterialId: 'b',
        keyId: '1234abcd',
      },
      {
        'key-origin': 'AWS_KMS',
        'rotation-type': 'AUTOMATIC',
        'previous-key-material-id': 'a',
        'current-key-material-id': 'b',
      },
    ],
    [
      'DeleteExpiredKeyMaterial',
      'KMS Imported Key Material Expiration',
      { keyId: '1234abcd', keyMaterialId: 'a' },
      { 'key-material-id': 'a' },
    ],
  ] as const)('%s is %s', (eventName, type, details, detail) => {
    const { text } = recordServiceEvent({ ...about, eventName, ...(details !== undefined && { details }) })
    expect(eventOf(text)).toEqual({
      version: '0',
      id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/),
      'detail-type': type,
      source: 'aws.kms',
      account: '111122223333',
      time: '2026-11-25T12:00:00Z',
      region: 'us-east-1',
      resources: [KEY],
      detail: { 'key-id': '1234abcd', ...detail },
    })
    expect(eventOf(text)?.id).toBe(eventOf(text)?.id)
  })
})

describe('The event of a record', () => {
  it('has the record in it, and is about the key that the record names anywhere', () => {
    const { text, eventId } = recordServiceEvent({
      ...about,
      eventName: 'UpdatePrimaryRegion',
      requestParameters: { keyId: KEY, primaryRegion: 'us-east-1' },
    })
    const event = eventOf(text)
    if (event === null) throw new Error('INVARIANT: it is a record')
    expect(event).toMatchObject({ 'detail-type': 'AWS API Call via CloudTrail', detail: { eventID: eventId } })
    expect(JSON.stringify(event.detail)).toBe(text)
    expect(keyOf(event)).toBe(KEY)
    expect(sentenceOf(event)).toBe(
      `UpdatePrimaryRegion of ${KEY} by kms.amazonaws.com in us-east-1 at 2026-11-25T12:00:00Z.`,
    )
    expect(event.id).toBe(idFrom('AWS API Call via CloudTrail', eventId))
  })

  it.each(['', 'no record', '[]', 'null', '{"eventID":"1"}', '{"eventID":1,"eventName":"Encrypt"}'])(
    'is none where there is none: %s',
    (line) => expect(eventOf(line)).toBeNull(),
  )
})
