import type { Stack } from '../../domain/stack.ts'
import type { Call } from '../../kernel/call.ts'
import type { RegionReads } from '../../storage/store.ts'
import { errors } from './errors.ts'

/** How many stacks an account has in a Region (CloudFormation User Guide, "Understand CloudFormation quotas"). */
const STACKS_PER_REGION = 2000

/** A stack that has nothing yet. */
export function newStack({ caller: { account }, region, now }: Call, name: string, id: string): Stack {
  return {
    account,
    region,
    id,
    name,
    createdAt: now,
    updatedAt: null,
    deletedAt: null,
    status: 'REVIEW_IN_PROGRESS',
    statusReason: null,
    description: null,
    blueprint: { template: '', parameters: {}, shown: [], tags: [], capabilities: [], roleArn: null },
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
  }
}

/** @throws LimitExceededException where an account has all the stacks that it may have */
export async function requireRoom({ caller: { account }, region }: Call, reads: RegionReads): Promise<void> {
  if ((await reads.countStacks(account)) < STACKS_PER_REGION) return
  throw errors.LimitExceededException(`Account ${account} has ${STACKS_PER_REGION} stacks in ${region} already.`)
}
