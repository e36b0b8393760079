import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { changeablePolicy, findPolicy, needOnPolicy, policyUsers, usesOf } from '../managed-policies.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Deletes a managed policy that nobody has, and that has no versions but the default one. */
export const DeletePolicy = globalWriteOperation({
  name: 'DeletePolicy',
  errors: [errors.DeleteConflict, errors.InvalidInput, errors.NoSuchEntity, errors.ValidationError],
  input: z.object({ PolicyArn: shape.arn }),
  load: ({ PolicyArn }, call, reads) => findPolicy(PolicyArn, call, reads),
  requires: (_input, found) => [needOnPolicy('DeletePolicy', found)],
  async run({ PolicyArn }, found, { caller: { account } }, { writes }): Promise<void> {
    const policy = changeablePolicy(found)
    const { attachments, boundaries } = usesOf(await policyUsers(writes, account))(PolicyArn)
    if (attachments + boundaries > 0) throw errors.DeleteConflict('Cannot delete a policy attached to entities.')
    if (policy.versions.length > 1) {
      throw errors.DeleteConflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. " +
          'The default version is deleted with the policy.',
      )
    }
    await writes.deleteDocument({ kind: 'policy', account, name: policy.name.toLowerCase() })
  },
  record: (input) => recordOf(input),
})
