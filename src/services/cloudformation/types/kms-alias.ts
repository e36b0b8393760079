import type { ResourceType } from './resource-type.ts'
import { answered, answeredMembers, textIn, unless } from './values.ts'

const GONE = ['NotFoundException']

export const kmsAlias: ResourceType = {
  name: 'AWS::KMS::Alias',
  schema: {
    type: 'object',
    required: ['AliasName', 'TargetKeyId'],
    properties: {
      AliasName: { type: 'string', min: 1, max: 256, pattern: '^(alias/)[a-zA-Z0-9:/_-]+$' },
      TargetKeyId: { type: 'string', min: 1, max: 256 },
    },
  },
  attributes: [],
  secrets: [],
  createOnly: ['AliasName'],
  writeOnly: [],
  nameProperty: 'AliasName',
  tagsProperty: null,
  capability: () => null,
  nameFor: ({ properties }) => textIn(properties, 'AliasName') ?? null,

  async create(hands, { properties }) {
    const { AliasName, TargetKeyId } = properties
    const physicalId = textIn(properties, 'AliasName') ?? ''
    await hands.make('kms', 'CreateAlias', { AliasName, TargetKeyId }, () => physicalId)
    return { physicalId, attributes: {} }
  },

  async update(hands, { properties }, AliasName, before) {
    const { TargetKeyId } = properties
    if (TargetKeyId !== before.properties.TargetKeyId) {
      await hands.call('kms', 'UpdateAlias', { AliasName, TargetKeyId })
    }
    return { physicalId: AliasName, attributes: {} }
  },

  async delete(hands, _request, AliasName) {
    await unless(GONE, hands.call('kms', 'DeleteAlias', { AliasName }))
  },

  async read(hands, { properties }, AliasName) {
    const answer = await unless(GONE, hands.call('kms', 'DescribeKey', { KeyId: AliasName }))
    if (answer === null) return null
    // It is shown as the template names it, so that an id and an ARN of one key are no difference.
    const member = textIn(properties, 'TargetKeyId')?.startsWith('arn:') === true ? 'Arn' : 'KeyId'
    return { AliasName, TargetKeyId: answered(answeredMembers(answer, 'KeyMetadata'), member) }
  },
}
