import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { changeablePolicy, findPolicy, needOnPolicy, savePolicy } from '../managed-policies.ts'
import { existingVersion } from '../policy-versions.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Says which version of a managed policy decides. */
export const SetDefaultPolicyVersion = globalWriteOperation({
  name: 'SetDefaultPolicyVersion',
  errors: [errors.InvalidInput, errors.NoSuchEntity, errors.ValidationError],
  input: z.object({ PolicyArn: shape.arn, VersionId: shape.versionId }),
  load: ({ PolicyArn }, call, reads) => findPolicy(PolicyArn, call, reads),
  requires: (_input, found) => [needOnPolicy('SetDefaultPolicyVersion', found)],
  async run({ PolicyArn, VersionId }, found, call, { writes }): Promise<void> {
    const policy = changeablePolicy(found)
    const { id } = existingVersion(policy, PolicyArn, VersionId)
    await savePolicy(writes, call, { ...policy, defaultVersion: id, updatedAt: call.now })
  },
  record: (input) => recordOf(input),
})
