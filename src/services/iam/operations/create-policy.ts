import { z } from 'zod'
import { policyArn } from '../../../domain/identity-arn.ts'
import type { ManagedPolicy } from '../../../domain/identity.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { acceptManagedPolicy } from '../accept-policy.ts'
import { errors } from '../errors.ts'
import { uniqueId } from '../ids.ts'
import { POLICIES_PER_ACCOUNT } from '../limits.ts'
import { savePolicy } from '../managed-policies.ts'
import { recordOf } from '../record.ts'
import { requireFreeName, requireRoom } from '../require-room.ts'
import * as shape from '../shapes.ts'
import { needIn } from '../subject.ts'
import { addTags, requestTagKeys } from '../tags.ts'
import { fullPolicyView } from '../views.ts'

/** Makes a managed policy, which users, groups and roles can have in common. */
export const CreatePolicy = globalWriteOperation({
  name: 'CreatePolicy',
  errors: [errors.EntityAlreadyExists, errors.InvalidInput, errors.LimitExceeded, errors.MalformedPolicyDocument],
  input: z.object({
    PolicyName: shape.policyName,
    PolicyDocument: shape.policyDocument,
    Path: shape.path.default('/'),
    Description: shape.description.default(''),
    Tags: shape.tags.default([]),
  }),
  load: () => null,
  requires({ PolicyName, Path, Tags }, _found, { caller }) {
    const arn = policyArn(caller.account, { path: Path, name: PolicyName })
    const asked = requestTagKeys(Tags)
    const creation = needIn('CreatePolicy', arn, asked)
    return Tags.length > 0 ? [creation, needIn('TagPolicy', arn, asked)] : [creation]
  },
  async run(input, _found, call, { writes, random }) {
    const { account } = call.caller
    await requireFreeName('policy', account, input.PolicyName, writes)
    await requireRoom('policy', account, { name: 'PoliciesPerAccount', limit: POLICIES_PER_ACCOUNT }, writes)
    acceptManagedPolicy(input.PolicyDocument)
    const policy: ManagedPolicy = {
      id: uniqueId('ANPA', random),
      name: input.PolicyName,
      path: input.Path,
      description: input.Description,
      createdAt: call.now,
      updatedAt: call.now,
      versions: [{ id: 'v1', text: input.PolicyDocument, createdAt: call.now }],
      defaultVersion: 'v1',
      nextVersion: 2,
      tags: [...addTags([], input.Tags), ...(call.systemTags ?? [])],
    }
    await savePolicy(writes, call, policy)
    return { Policy: fullPolicyView(policyArn(account, policy), policy, { attachments: 0, boundaries: 0 }) }
  },
  record: (input, _found, output) => recordOf(input, output),
})
