import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { encodeDocument } from '../accept-policy.ts'
import { errors } from '../errors.ts'
import { existingPolicy, findPolicy, needOnPolicy } from '../managed-policies.ts'
import { existingVersion } from '../policy-versions.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { versionView } from '../views.ts'

/** Shows a version of a managed policy with its text. */
export const GetPolicyVersion = globalReadOperation({
  name: 'GetPolicyVersion',
  errors: [errors.NoSuchEntity, errors.ValidationError],
  input: z.object({ PolicyArn: shape.arn, VersionId: shape.versionId }),
  load: ({ PolicyArn }, call, reads) => findPolicy(PolicyArn, call, reads),
  requires: (_input, found) => [needOnPolicy('GetPolicyVersion', found)],
  run({ PolicyArn, VersionId }, found) {
    const policy = existingPolicy(found)
    const version = existingVersion(policy, PolicyArn, VersionId)
    return { PolicyVersion: { Document: encodeDocument(version.text), ...versionView(policy, version) } }
  },
  record: (input) => recordOf(input),
})
