import { isEqual } from '../template/equal.ts'
import {
  dropPolicy,
  GONE,
  iamCapability,
  MAX_NAME,
  NAME_PATTERN,
  policyInput,
  putPolicy,
  type Kind,
} from './iam-parts.ts'
import type { ResourceType } from './resource-type.ts'
import { answered, documentOf, textIn, unless } from './values.ts'

/** One inline policy of one role, user or group. */
export function iamInlinePolicy(kind: Kind): ResourceType {
  const owner = `${kind}Name`
  return {
    name: `AWS::IAM::${kind}Policy`,
    schema: {
      type: 'object',
      required: ['PolicyDocument', 'PolicyName', owner],
      properties: {
        PolicyDocument: { type: 'document' },
        PolicyName: { type: 'string', min: 1, max: 128, pattern: NAME_PATTERN },
        [owner]: { type: 'string', min: 1, max: MAX_NAME[kind], pattern: NAME_PATTERN },
      },
    },
    attributes: [],
    secrets: [],
    createOnly: ['PolicyName', owner],
    writeOnly: [],
    nameProperty: null,
    tagsProperty: null,
    capability: iamCapability(null),
    nameFor: ({ properties }) => `${textIn(properties, 'PolicyName')}|${textIn(properties, owner)}`,

    async create(hands, { properties, name }) {
      const physicalId = name ?? ''
      const input = policyInput(kind, textIn(properties, owner) ?? '', properties)
      await hands.make('iam', `Put${kind}Policy`, input, () => physicalId)
      return { physicalId, attributes: {} }
    },

    async update(hands, { properties }, physicalId, before) {
      if (!isEqual(properties.PolicyDocument, before.properties.PolicyDocument)) {
        await putPolicy(hands, kind, textIn(properties, owner) ?? '', properties)
      }
      return { physicalId, attributes: {} }
    },

    async delete(hands, { properties }) {
      await dropPolicy(hands, kind, textIn(properties, owner) ?? '', properties.PolicyName)
    },

    async read(hands, { properties }) {
      const { PolicyName = '', [owner]: name = '' } = properties
      const answer = await unless(GONE, hands.call('iam', `Get${kind}Policy`, { PolicyName, [owner]: name }))
      if (answer === null) return null
      return { PolicyName, [owner]: name, PolicyDocument: documentOf(answered(answer, 'PolicyDocument')) }
    },
  }
}
