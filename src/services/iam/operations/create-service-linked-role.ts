import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { LINKED_SERVICES } from '../linked-services.ts'
import { recordOf } from '../record.ts'
import {
  MULTI_REGION_ROLE,
  MULTI_REGION_SERVICE,
  multiRegionRole,
  pathOf,
  serviceLinkedRole,
} from '../service-linked-role.ts'
import * as shape from '../shapes.ts'
import { needIn, save, subjects } from '../subject.ts'
import { newRoleView } from '../views.ts'

/** Makes the role of a service in the account: of some services several, with a suffix each. */
export const CreateServiceLinkedRole = globalWriteOperation({
  name: 'CreateServiceLinkedRole',
  errors: [errors.InvalidInput],
  input: z.object({
    AWSServiceName: shape.serviceName,
    Description: shape.description.optional(),
    CustomSuffix: shape.roleName.optional(),
  }),
  load: () => null,
  requires: ({ AWSServiceName, CustomSuffix }, _found, { caller }) => [
    needIn(
      'CreateServiceLinkedRole',
      subjects.role.arn(caller.account, {
        path: pathOf(AWSServiceName),
        name: nameOf(AWSServiceName, CustomSuffix) ?? '*',
      }),
      { 'iam:AWSServiceName': AWSServiceName },
    ),
  ],
  async run({ AWSServiceName, Description, CustomSuffix }, _found, { caller: { account }, now }, { writes, random }) {
    const name = nameOf(AWSServiceName, CustomSuffix)
    if (name === null) {
      const known = [MULTI_REGION_SERVICE, ...LINKED_SERVICES.keys()].join(', ')
      throw errors.InvalidInput(`Service ${AWSServiceName} has no service-linked role here. Those that have: ${known}.`)
    }
    if (CustomSuffix !== undefined && LINKED_SERVICES.get(AWSServiceName)?.suffix !== true) {
      throw errors.InvalidInput(`Custom suffix is not allowed for ${AWSServiceName}`)
    }
    if ((await writes.document({ kind: 'role', account, name: name.toLowerCase() })) !== null) {
      throw errors.InvalidInput(
        `Service role name ${name} has been taken in this account, please try a different suffix.`,
      )
    }
    const made =
      name === MULTI_REGION_ROLE ? multiRegionRole(random, now) : serviceLinkedRole(AWSServiceName, name, random, now)
    const role = { ...made, description: Description ?? made.description }
    await save(writes, { kind: 'role', account }, role)
    return { Role: await newRoleView(account, role, writes) }
  },
  record: (input, _found, output) => recordOf(input, output),
})

/** The name of a service's role; null where the service has none. */
function nameOf(service: string, suffix: string | undefined): string | null {
  const role = service === MULTI_REGION_SERVICE ? MULTI_REGION_ROLE : LINKED_SERVICES.get(service)?.role
  if (role === undefined) return null
  return suffix === undefined ? role : `${role}_${suffix}`
}
