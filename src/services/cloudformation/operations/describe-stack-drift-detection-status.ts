import { z } from 'zod'
import { stackArn } from '../../../domain/stack.ts'
import { readOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { needAnywhere } from '../find-stack.ts'
import { recordOf } from '../record.ts'
import { timeOf } from '../views.ts'

/** Tells what a look for drift has found. */
export const DescribeStackDriftDetectionStatus = readOperation({
  name: 'DescribeStackDriftDetectionStatus',
  errors: [errors.ValidationError],
  input: z.object({ StackDriftDetectionId: z.string().min(1).max(36) }),
  load: () => null,
  requires: (_given, _found, call) => [needAnywhere('DescribeStackDriftDetectionStatus', call)],
  async run({ StackDriftDetectionId: id }, _found, { caller: { account } }, { reads: { listing } }) {
    const stack = await listing.stackOfPart(account, 'detection', id)
    const detection = stack === null ? null : await listing.stackPart(stack.id, 'detection', id)
    if (stack === null || detection === null) {
      throw errors.ValidationError(`Drift detection with id ${id} does not exist`)
    }
    return {
      StackId: stackArn(stack),
      StackDriftDetectionId: id,
      StackDriftStatus: detection.drift ?? undefined,
      DetectionStatus: detection.status,
      DetectionStatusReason: detection.statusReason ?? undefined,
      DriftedStackResourceCount: detection.drifted,
      Timestamp: timeOf(detection.at),
    }
  },
  record: (input) => recordOf(input),
})
