import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { acceptTrustPolicy } from '../accept-policy.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { changeable, findSubject, needOn, save } from '../subject.ts'

/** Changes who can take a role. */
export const UpdateAssumeRolePolicy = globalWriteOperation({
  name: 'UpdateAssumeRolePolicy',
  errors: [errors.LimitExceeded, errors.MalformedPolicyDocument, errors.NoSuchEntity, errors.UnmodifiableEntity],
  input: z.object({ RoleName: shape.name, PolicyDocument: shape.policyDocument }),
  load: ({ RoleName }, call, reads) => findSubject('role', RoleName, call, reads),
  requires: (_input, role) => [needOn('UpdateAssumeRolePolicy', role)],
  async run({ PolicyDocument }, found, call, { writes }): Promise<void> {
    const role = changeable(found)
    await save(writes, found, { ...role, ...(await acceptTrustPolicy(PolicyDocument, call, writes)) })
  },
  record: (input) => recordOf(input),
})
