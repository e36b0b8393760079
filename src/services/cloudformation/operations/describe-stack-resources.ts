import { z } from 'zod'
import type { Stack } from '../../../domain/stack.ts'
import { readOperation } from '../../../kernel/operation.ts'
import type { Call } from '../../../kernel/call.ts'
import { turn } from '../../../kernel/turns.ts'
import type { RegionReads } from '../../../storage/store.ts'
import { errors } from '../errors.ts'
import { existing, findStack, needOn, type FoundStack } from '../find-stack.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { resourceView } from '../views.ts'

const MOST = 100
/** How many stacks are read at once to find whose a resource is. */
const AT_ONCE = 50

/** Tells of the resources of a stack, the first 100, or of the stack that a resource belongs to. */
export const DescribeStackResources = readOperation({
  name: 'DescribeStackResources',
  errors: [errors.ValidationError],
  input: z.object({
    StackName: shape.stackName.optional(),
    LogicalResourceId: shape.logicalId.optional(),
    PhysicalResourceId: z.string().min(1).max(2048).optional(),
  }),
  async load({ StackName, PhysicalResourceId }, call, { listing }): Promise<FoundStack> {
    if (StackName !== undefined) return findStack(StackName, call, listing)
    if (PhysicalResourceId !== undefined) {
      return { named: PhysicalResourceId, stack: await ownerOf(PhysicalResourceId, call, listing) }
    }
    throw errors.ValidationError('Either StackName or PhysicalResourceId must be specified')
  },
  requires: (_given, found, call) => [needOn('DescribeStackResources', found, call)],
  async run({ LogicalResourceId, PhysicalResourceId, StackName }, found, _call, { reads }) {
    if (found.stack === null && StackName === undefined) {
      throw errors.ValidationError(`Stack for ${PhysicalResourceId} does not exist`)
    }
    const stack = existing(found)
    const rows = await reads.listing.stackParts(stack.id, 'resource', null)
    const wanted = rows.filter(({ logicalId }) => LogicalResourceId === undefined || logicalId === LogicalResourceId)
    return { StackResources: wanted.slice(0, MOST).map((row) => resourceView(stack, row)) }
  },
  record: (input) => recordOf(input),
})

async function ownerOf(physicalId: string, { caller: { account } }: Call, reads: RegionReads): Promise<Stack | null> {
  let after: string | null = null
  for (;;) {
    const stacks: readonly Stack[] = await reads.stacks(account, false, { after, limit: AT_ONCE })
    for (const stack of stacks) {
      const rows = await reads.stackParts(stack.id, 'resource', null)
      if (rows.some(({ made }) => made?.physicalId === physicalId)) return stack
      await turn()
    }
    const last = stacks.at(-1)
    if (last === undefined || stacks.length < AT_ONCE) return null
    after = last.id
  }
}
