import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { acceptManagedPolicy } from '../accept-policy.ts'
import { errors } from '../errors.ts'
import { VERSIONS_PER_POLICY } from '../limits.ts'
import { changeablePolicy, findPolicy, needOnPolicy, savePolicy } from '../managed-policies.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { versionView } from '../views.ts'

/** Adds a version to a managed policy, and makes it the one that decides where that is asked for. */
export const CreatePolicyVersion = globalWriteOperation({
  name: 'CreatePolicyVersion',
  errors: [
    errors.InvalidInput,
    errors.LimitExceeded,
    errors.MalformedPolicyDocument,
    errors.NoSuchEntity,
    errors.ValidationError,
  ],
  input: z.object({
    PolicyArn: shape.arn,
    PolicyDocument: shape.policyDocument,
    SetAsDefault: shape.flag.default(false),
  }),
  load: ({ PolicyArn }, call, reads) => findPolicy(PolicyArn, call, reads),
  requires: (_input, found) => [needOnPolicy('CreatePolicyVersion', found)],
  async run({ PolicyDocument, SetAsDefault }, found, call, { writes }) {
    const before = changeablePolicy(found)
    acceptManagedPolicy(PolicyDocument)
    if (before.versions.length >= VERSIONS_PER_POLICY) {
      throw errors.LimitExceeded(
        `A managed policy can have up to ${VERSIONS_PER_POLICY} versions. Before you create a new version, you must ` +
          'delete an existing version.',
      )
    }
    const version = { id: `v${before.nextVersion}`, text: PolicyDocument, createdAt: call.now }
    const policy = {
      ...before,
      versions: [...before.versions, version],
      nextVersion: before.nextVersion + 1,
      defaultVersion: SetAsDefault ? version.id : before.defaultVersion,
      updatedAt: call.now,
    }
    await savePolicy(writes, call, policy)
    return { PolicyVersion: versionView(policy, version) }
  },
  record: (input, _found, output) => recordOf(input, output),
})
