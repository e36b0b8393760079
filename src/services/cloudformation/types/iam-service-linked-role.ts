import { WireError } from '../../../kernel/errors.ts'
import type { Answer, ResourceType } from './resource-type.ts'
import { GONE, propertiesFor } from './iam-parts.ts'
import { answered, answeredMembers, textIn, unless } from './values.ts'

export const iamServiceLinkedRole: ResourceType = {
  name: 'AWS::IAM::ServiceLinkedRole',
  schema: {
    type: 'object',
    required: ['AWSServiceName'],
    properties: {
      AWSServiceName: { type: 'string', min: 1, max: 128 },
      CustomSuffix: { type: 'string', min: 1, max: 64 },
      Description: { type: 'string', max: 1000 },
    },
  },
  attributes: ['RoleName'],
  secrets: [],
  createOnly: ['AWSServiceName', 'CustomSuffix'],
  writeOnly: ['AWSServiceName', 'CustomSuffix'],
  nameProperty: null,
  tagsProperty: null,
  capability: () => null,
  nameFor: () => null,

  async create(hands, { properties }) {
    const input = propertiesFor(properties, ['AWSServiceName', 'CustomSuffix', 'Description'])
    const RoleName = nameOf(await hands.make('iam', 'CreateServiceLinkedRole', input, nameOf))
    return { physicalId: RoleName, attributes: { RoleName } }
  },

  async update(hands, { properties }, RoleName, before) {
    const Description = textIn(properties, 'Description') ?? ''
    if (Description !== (textIn(before.properties, 'Description') ?? '')) {
      await hands.call('iam', 'UpdateRole', { RoleName, Description })
    }
    return { physicalId: RoleName, attributes: { RoleName } }
  },

  async delete(hands, _request, RoleName) {
    const task = await unless(GONE, hands.call('iam', 'DeleteServiceLinkedRole', { RoleName }))
    if (task === null) return
    const DeletionTaskId = answered(task, 'DeletionTaskId')
    await hands.wait(`role ${RoleName} is still being deleted`, async () => {
      const answer = await hands.call('iam', 'GetServiceLinkedRoleDeletionStatus', { DeletionTaskId })
      if (answer.Status !== 'FAILED') return answer.Status === 'SUCCEEDED'
      throw new WireError('GeneralServiceException', 400, answered(answer, 'Reason', 'Reason'))
    })
  },

  async read(hands, _request, RoleName) {
    const answer = await unless(GONE, hands.call('iam', 'GetRole', { RoleName }))
    if (answer === null) return null
    const { Description = '' } = answeredMembers(answer, 'Role')
    return { Description: answered({ Description }, 'Description') }
  },
}

function nameOf(made: Answer): string {
  return answered(made, 'Role', 'RoleName')
}
