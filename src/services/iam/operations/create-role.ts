import { z } from 'zod'
import type { Role } from '../../../domain/identity.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { acceptTrustPolicy } from '../accept-policy.ts'
import { acceptBoundary } from '../boundaries.ts'
import { errors } from '../errors.ts'
import { uniqueId } from '../ids.ts'
import { ROLES_PER_ACCOUNT } from '../limits.ts'
import { recordOf } from '../record.ts'
import { requireFreeName, requireRoom } from '../require-room.ts'
import { MULTI_REGION_ROLE } from '../service-linked-role.ts'
import * as shape from '../shapes.ts'
import { needIn, save, subjects } from '../subject.ts'
import { addTags, requestTagKeys } from '../tags.ts'
import { newRoleView } from '../views.ts'

/** Makes a role, which those can take whom its trust policy names. */
export const CreateRole = globalWriteOperation({
  name: 'CreateRole',
  errors: [
    errors.EntityAlreadyExists,
    errors.InvalidInput,
    errors.LimitExceeded,
    errors.MalformedPolicyDocument,
    errors.NoSuchEntity,
    errors.ValidationError,
  ],
  input: z.object({
    RoleName: shape.roleName,
    AssumeRolePolicyDocument: shape.policyDocument,
    Path: shape.path.default('/'),
    Description: shape.description.default(''),
    MaxSessionDuration: shape.maxSessionDuration.default(3600),
    PermissionsBoundary: shape.arn.optional(),
    Tags: shape.tags.default([]),
  }),
  load: () => null,
  requires({ RoleName, Path, PermissionsBoundary, Tags }, _found, { caller }) {
    const arn = subjects.role.arn(caller.account, { path: Path, name: RoleName })
    const asked = requestTagKeys(Tags)
    const boundary = PermissionsBoundary === undefined ? {} : { 'iam:PermissionsBoundary': PermissionsBoundary }
    const creation = needIn('CreateRole', arn, { ...asked, ...boundary })
    return Tags.length > 0 ? [creation, needIn('TagRole', arn, asked)] : [creation]
  },
  async run(input, _found, call, { writes, random }) {
    const { account } = call.caller
    if (input.Path.toLowerCase().startsWith('/aws-service-role/')) {
      throw errors.ValidationError('The path /aws-service-role/ is for roles that services have made for themselves.')
    }
    if (input.RoleName.toLowerCase() === MULTI_REGION_ROLE.toLowerCase()) {
      throw errors.InvalidInput(`The role name ${input.RoleName} is that of a service-linked role.`)
    }
    await requireFreeName('role', account, input.RoleName, writes)
    await requireRoom('role', account, { name: 'RolesPerAccount', limit: ROLES_PER_ACCOUNT }, writes)
    const trust = await acceptTrustPolicy(input.AssumeRolePolicyDocument, call, writes)
    if (input.PermissionsBoundary !== undefined) await acceptBoundary(input.PermissionsBoundary, call, writes)
    const role: Role = {
      id: uniqueId('AROA', random),
      name: input.RoleName,
      path: input.Path,
      createdAt: call.now,
      inlinePolicies: {},
      attachedPolicies: [],
      ...trust,
      description: input.Description,
      maxSessionDuration: input.MaxSessionDuration,
      boundary: input.PermissionsBoundary ?? null,
      tags: [...addTags([], input.Tags), ...(call.systemTags ?? [])],
      serviceLinkedTo: null,
    }
    await save(writes, { kind: 'role', account }, role)
    return { Role: await newRoleView(account, role, writes) }
  },
  record: (input, _found, output) => recordOf(input, output),
})
