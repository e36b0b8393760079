import { isEqual } from '../template/equal.ts'
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
import { iamTags, tagsSchema } from './tags.ts'
import { answered, answeredMembers, documentIn, documentOf, textIn, unless } from './values.ts'

const SESSION_SECONDS = 3600

export const iamRole: ResourceType = {
  name: 'AWS::IAM::Role',
  schema: {
    type: 'object',
    required: ['AssumeRolePolicyDocument'],
    properties: {
      AssumeRolePolicyDocument: { type: 'document' },
      Description: { type: 'string', max: 1000 },
      ManagedPolicyArns: arnsSchema,
      MaxSessionDuration: { type: 'integer', min: 3600, max: 43_200 },
      Path: pathSchema,
      PermissionsBoundary: { type: 'string', min: 20, max: 2048 },
      Policies: policiesSchema,
      RoleName: { type: 'string', min: 1, max: MAX_NAME.Role, pattern: NAME_PATTERN },
      Tags: tagsSchema,
    },
  },
  attributes: ['Arn', 'RoleId'],
  secrets: [],
  createOnly: ['Path', 'RoleName'],
  writeOnly: [],
  nameProperty: 'RoleName',
  tagsProperty: 'Tags',
  capability: iamCapability('RoleName'),
  nameFor: (request, random) => textIn(request.properties, 'RoleName') ?? generatedName(request, random, MAX_NAME.Role),

  async create(hands, request) {
    const { properties, name } = request
    const answer = await hands.make(
      'iam',
      'CreateRole',
      {
        RoleName: name,
        AssumeRolePolicyDocument: documentIn(properties, 'AssumeRolePolicyDocument'),
        ...propertiesFor(properties, ['Description', 'MaxSessionDuration', 'Path', 'PermissionsBoundary']),
        Tags: iamTags(request),
      },
      (made) => answered(made, 'Role', 'RoleName'),
    )
    const role = roleMade(answer)
    await giveParts(hands, 'Role', role.physicalId, properties)
    return role
  },

  async update(hands, request, RoleName, before) {
    const [was, is] = [before.properties, request.properties]
    if (!isEqual(was.AssumeRolePolicyDocument, is.AssumeRolePolicyDocument)) {
      const PolicyDocument = documentIn(is, 'AssumeRolePolicyDocument')
      await hands.call('iam', 'UpdateAssumeRolePolicy', { RoleName, PolicyDocument })
    }
    const Description = textIn(is, 'Description') ?? ''
    const MaxSessionDuration = is.MaxSessionDuration ?? SESSION_SECONDS
    const isDescribed = Description === (textIn(was, 'Description') ?? '')
    if (!isDescribed || MaxSessionDuration !== (was.MaxSessionDuration ?? SESSION_SECONDS)) {
      await hands.call('iam', 'UpdateRole', { RoleName, Description, MaxSessionDuration })
    }
    await updateParts(hands, 'Role', RoleName, request, before)
    return roleMade(await hands.call('iam', 'GetRole', { RoleName }))
  },

  async delete(hands, request, RoleName) {
    await dropParts(hands, 'Role', RoleName, request)
    await unless(GONE, hands.call('iam', 'DeleteRole', { RoleName }))
  },

  async read(hands, request, RoleName) {
    const answer = await unless(GONE, hands.call('iam', 'GetRole', { RoleName }))
    if (answer === null) return null
    const role = answeredMembers(answer, 'Role')
    const { Description = '' } = role
    return {
      ...readEntity(role, 'Role', request),
      ...(await readPolicies(hands, 'Role', RoleName)),
      AssumeRolePolicyDocument: documentOf(answered(role, 'AssumeRolePolicyDocument')),
      Description: answered({ Description }, 'Description'),
      MaxSessionDuration: Number(role.MaxSessionDuration),
    }
  },
}

function roleMade(answer: Answer): Made {
  return {
    physicalId: answered(answer, 'Role', 'RoleName'),
    attributes: { Arn: answered(answer, 'Role', 'Arn'), RoleId: answered(answer, 'Role', 'RoleId') },
  }
}
