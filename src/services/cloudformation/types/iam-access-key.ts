import { GONE, iamCapability } from './iam-parts.ts'
import type { ResourceType } from './resource-type.ts'
import { answered, listed, textIn, unless } from './values.ts'

export const iamAccessKey: ResourceType = {
  name: 'AWS::IAM::AccessKey',
  schema: {
    type: 'object',
    required: ['UserName'],
    properties: {
      Serial: { type: 'integer' },
      Status: { type: 'string', enum: ['Active', 'Inactive'] },
      UserName: { type: 'string', min: 1, max: 64 },
    },
  },
  attributes: ['SecretAccessKey'],
  secrets: ['SecretAccessKey'],
  createOnly: ['Serial', 'UserName'],
  writeOnly: ['Serial'],
  nameProperty: null,
  tagsProperty: null,
  capability: iamCapability(null),
  nameFor: () => null,

  async create(hands, { properties }) {
    const { UserName } = properties
    const answer = await hands.make('iam', 'CreateAccessKey', { UserName }, (made) =>
      answered(made, 'AccessKey', 'AccessKeyId'),
    )
    const AccessKeyId = answered(answer, 'AccessKey', 'AccessKeyId')
    if (properties.Status === 'Inactive') {
      await hands.call('iam', 'UpdateAccessKey', { UserName, AccessKeyId, Status: 'Inactive' })
    }
    const SecretAccessKey = answered(answer, 'AccessKey', 'SecretAccessKey')
    return { physicalId: AccessKeyId, attributes: { SecretAccessKey } }
  },

  async update(hands, { properties }, AccessKeyId, before) {
    const { UserName } = properties
    const Status = textIn(properties, 'Status') ?? 'Active'
    if (Status !== (textIn(before.properties, 'Status') ?? 'Active')) {
      await hands.call('iam', 'UpdateAccessKey', { UserName, AccessKeyId, Status })
    }
    return { physicalId: AccessKeyId, attributes: {} }
  },

  async delete(hands, { properties }, AccessKeyId) {
    const { UserName } = properties
    await unless(GONE, hands.call('iam', 'DeleteAccessKey', { UserName, AccessKeyId }))
  },

  async read(hands, { properties }, AccessKeyId) {
    const UserName = textIn(properties, 'UserName') ?? ''
    const user = await unless(GONE, hands.call('iam', 'GetUser', { UserName }))
    if (user === null) return null
    const keys = await listed(hands, 'iam', 'ListAccessKeys', { UserName }, 'AccessKeyMetadata')
    const key = keys.find((each) => each.AccessKeyId === AccessKeyId)
    return key === undefined ? null : { UserName, Status: answered(key, 'Status') }
  },
}
