import type { Stack } from '../src/domain/stack.ts'

/** A stack that stands still, with these members. */
export function stackRecord(more: Partial<Stack> = {}): Stack {
  return {
    account: '111122223333',
    region: 'us-east-1',
    id: 's',
    name: 'stack',
    createdAt: 1,
    updatedAt: null,
    deletedAt: null,
    status: 'CREATE_COMPLETE',
    statusReason: null,
    description: null,
    blueprint: { template: '{}', parameters: {}, shown: [], tags: [], capabilities: [], roleArn: null },
    stable: null,
    outputs: [],
    disableRollback: false,
    timeoutMinutes: null,
    terminationProtection: false,
    policy: null,
    changeSetId: null,
    drift: { status: 'NOT_CHECKED', checkedAt: null },
    operation: null,
    lastRequest: { action: '', token: null },
    events: 0,
    ...more,
  }
}
