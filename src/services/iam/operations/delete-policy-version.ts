import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { changeablePolicy, findPolicy, needOnPolicy, savePolicy } from '../managed-policies.ts'
import { existingVersion } from '../policy-versions.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Deletes a version of a managed policy that is not the one that decides. */
export const DeletePolicyVersion = globalWriteOperation({
  name: 'DeletePolicyVersion',
  errors: [errors.DeleteConflict, errors.InvalidInput, errors.NoSuchEntity, errors.ValidationError],
  input: z.object({ PolicyArn: shape.arn, VersionId: shape.versionId }),
  load: ({ PolicyArn }, call, reads) => findPolicy(PolicyArn, call, reads),
  requires: (_input, found) => [needOnPolicy('DeletePolicyVersion', found)],
  async run({ PolicyArn, VersionId }, found, call, { writes }): Promise<void> {
    const policy = changeablePolicy(found)
    const { id } = existingVersion(policy, PolicyArn, VersionId)
    if (id === policy.defaultVersion) throw errors.DeleteConflict('Cannot delete the default version of a policy.')
    const versions = policy.versions.filter((version) => version.id !== id)
    await savePolicy(writes, call, { ...policy, versions, updatedAt: call.now })
  },
  record: (input) => recordOf(input),
})
