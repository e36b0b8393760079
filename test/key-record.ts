import type { KeyRecord } from '../src/domain/key.ts'

/** An enabled symmetric key of one Region that has no material yet; `change` says what a test cares about. */
export function keyRecord(change: Partial<KeyRecord> = {}): KeyRecord {
  return {
    account: '111122223333',
    region: 'us-east-1',
    id: '1234abcd-12ab-34cd-56ef-1234567890ab',
    createdAt: 0,
    description: '',
    policy: '{}',
    principals: {},
    tags: [],
    spec: 'SYMMETRIC_DEFAULT',
    usage: 'ENCRYPT_DECRYPT',
    origin: 'AWS_KMS',
    enabled: true,
    deletion: null,
    materials: [],
    current: null,
    rotation: null,
    onDemandRotations: 0,
    family: null,
    ...change,
  }
}
