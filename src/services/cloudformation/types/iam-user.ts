import {
  arnsSchema,
  compareTexts,
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
import { iamTags, tagsSchema } from './tags.ts'
import { answered, answeredMembers, listed, textIn, textsIn, unless } from './values.ts'

export const iamUser: ResourceType = {
  name: 'AWS::IAM::User',
  schema: {
    type: 'object',
    required: [],
    properties: {
      Groups: arnsSchema,
      LoginProfile: { type: 'refused', reason: 'this server has no console to log in to' },
      ManagedPolicyArns: arnsSchema,
      Path: pathSchema,
      PermissionsBoundary: { type: 'string', min: 20, max: 2048 },
      Policies: policiesSchema,
      Tags: tagsSchema,
      UserName: { type: 'string', min: 1, max: MAX_NAME.User, pattern: NAME_PATTERN },
    },
  },
  attributes: ['Arn'],
  secrets: [],
  createOnly: ['UserName'],
  writeOnly: [],
  nameProperty: 'UserName',
  tagsProperty: 'Tags',
  capability: iamCapability('UserName'),
  nameFor: (request, random) => textIn(request.properties, 'UserName') ?? generatedName(request, random, MAX_NAME.User),

  async create(hands, request) {
    const { properties, name } = request
    const input = {
      UserName: name,
      ...propertiesFor(properties, ['Path', 'PermissionsBoundary']),
      Tags: iamTags(request),
    }
    const user = userMade(await hands.make('iam', 'CreateUser', input, (made) => answered(made, 'User', 'UserName')))
    await giveParts(hands, 'User', user.physicalId, properties)
    for (const GroupName of new Set(textsIn(properties, 'Groups'))) {
      await hands.call('iam', 'AddUserToGroup', { GroupName, UserName: user.physicalId })
    }
    return user
  },

  async update(hands, request, UserName, before) {
    const [was, is] = [before.properties, request.properties]
    const NewPath = is.Path ?? '/'
    if (NewPath !== (was.Path ?? '/')) await hands.call('iam', 'UpdateUser', { UserName, NewPath })
    const { added, removed } = compareTexts(was, is, 'Groups')
    for (const GroupName of added) await hands.call('iam', 'AddUserToGroup', { GroupName, UserName })
    for (const GroupName of removed) {
      await unless(GONE, hands.call('iam', 'RemoveUserFromGroup', { GroupName, UserName }))
    }
    await updateParts(hands, 'User', UserName, request, before)
    return userMade(await hands.call('iam', 'GetUser', { UserName }))
  },

  async delete(hands, request, UserName) {
    await dropParts(hands, 'User', UserName, request)
    for (const GroupName of new Set(textsIn(request.properties, 'Groups'))) {
      await unless(GONE, hands.call('iam', 'RemoveUserFromGroup', { GroupName, UserName }))
    }
    await unless(GONE, hands.call('iam', 'DeleteUser', { UserName }))
  },

  async read(hands, request, UserName) {
    const answer = await unless(GONE, hands.call('iam', 'GetUser', { UserName }))
    if (answer === null) return null
    const groups = await listed(hands, 'iam', 'ListGroupsForUser', { UserName }, 'Groups')
    return {
      ...readEntity(answeredMembers(answer, 'User'), 'User', request),
      ...(await readPolicies(hands, 'User', UserName)),
      Groups: groups.map((group) => answered(group, 'GroupName')),
    }
  },
}

function userMade(answer: Answer): Made {
  return { physicalId: answered(answer, 'User', 'UserName'), attributes: { Arn: answered(answer, 'User', 'Arn') } }
}
