import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import { MULTI_REGION_PATH, MULTI_REGION_ROLE, MULTI_REGION_SERVICE, multiRegionRole } from '../service-linked-role.ts'
import * as shape from '../shapes.ts'
import { needIn, save, subjects } from '../subject.ts'
import { fullRoleView } from '../views.ts'

/** Makes the role of a service: here, that of multi-Region keys. */
export const CreateServiceLinkedRole = globalWriteOperation({
  name: 'CreateServiceLinkedRole',
  errors: [errors.InvalidInput],
  input: z.object({
    AWSServiceName: shape.serviceName,
    Description: shape.description.optional(),
    CustomSuffix: shape.roleName.optional(),
  }),
  load: () => null,
  requires: ({ AWSServiceName }, _found, { caller }) => [
    needIn(
      'CreateServiceLinkedRole',
      subjects.role.arn(caller.account, {
        path: `/aws-service-role/${AWSServiceName}/`,
        name: AWSServiceName === MULTI_REGION_SERVICE ? MULTI_REGION_ROLE : '*',
      }),
      { 'iam:AWSServiceName': AWSServiceName },
    ),
  ],
  async run({ AWSServiceName, Description, CustomSuffix }, _found, { caller: { account }, now }, { writes, random }) {
    if (AWSServiceName !== MULTI_REGION_SERVICE) {
      throw errors.InvalidInput(
        `Service ${AWSServiceName} has no service-linked role here. The only one that has is ${MULTI_REGION_SERVICE}, ` +
          `under ${MULTI_REGION_PATH}.`,
      )
    }
    if (CustomSuffix !== undefined) throw errors.InvalidInput(`Custom suffix is not allowed for ${AWSServiceName}`)
    if ((await writes.document({ kind: 'role', account, name: MULTI_REGION_ROLE.toLowerCase() })) !== null) {
      throw errors.InvalidInput(
        `Service role name ${MULTI_REGION_ROLE} has been taken in this account, please try a different suffix.`,
      )
    }
    const made = multiRegionRole(random, now)
    const role = { ...made, description: Description ?? made.description }
    await save(writes, { kind: 'role', account }, role)
    return { Role: await fullRoleView(account, role, writes) }
  },
  record: (input, _found, output) => recordOf(input, output),
})
