import {
  arnsSchema,
  dropParts,
  giveParts,
  GONE,
  iamCapability,
  MAX_NAME,
  NAME_PATTERN,
  pathSchema,
  policiesSchema,
  propertiesFor,
  readEntity,
  readPolicies,
  updateParts,
} from './iam-parts.ts'
import { generatedName } from './names.ts'
import type { Answer, Made, ResourceType } from './resource-type.ts'
import { answered, answeredMembers, textIn, unless } from './values.ts'

export const iamGroup: ResourceType = {
  name: 'AWS::IAM::Group',
  schema: {
    type: 'object',
    required: [],
    properties: {
      GroupName: { type: 'string', min: 1, max: MAX_NAME.Group, pattern: NAME_PATTERN },
      ManagedPolicyArns: arnsSchema,
      Path: pathSchema,
      Policies: policiesSchema,
    },
  },
  attributes: ['Arn'],
  secrets: [],
  createOnly: ['GroupName'],
  writeOnly: [],
  nameProperty: 'GroupName',
  tagsProperty: null,
  capability: iamCapability('GroupName'),
  nameFor: (request, random) =>
    textIn(request.properties, 'GroupName') ?? generatedName(request, random, MAX_NAME.Group),

  async create(hands, { properties, name }) {
    const input = { GroupName: name, ...propertiesFor(properties, ['Path']) }
    const group = groupMade(
      await hands.make('iam', 'CreateGroup', input, (made) => answered(made, 'Group', 'GroupName')),
    )
    await giveParts(hands, 'Group', group.physicalId, properties)
    return group
  },

  async update(hands, request, GroupName, before) {
    const NewPath = request.properties.Path ?? '/'
    if (NewPath !== (before.properties.Path ?? '/')) await hands.call('iam', 'UpdateGroup', { GroupName, NewPath })
    await updateParts(hands, 'Group', GroupName, request, before)
    return groupMade(await hands.call('iam', 'GetGroup', { GroupName }))
  },

  async delete(hands, request, GroupName) {
    await dropParts(hands, 'Group', GroupName, request)
    await unless(GONE, hands.call('iam', 'DeleteGroup', { GroupName }))
  },

  async read(hands, request, GroupName) {
    const answer = await unless(GONE, hands.call('iam', 'GetGroup', { GroupName }))
    if (answer === null) return null
    return {
      ...readEntity(answeredMembers(answer, 'Group'), 'Group', request),
      ...(await readPolicies(hands, 'Group', GroupName)),
    }
  },
}

function groupMade(answer: Answer): Made {
  return { physicalId: answered(answer, 'Group', 'GroupName'), attributes: { Arn: answered(answer, 'Group', 'Arn') } }
}
