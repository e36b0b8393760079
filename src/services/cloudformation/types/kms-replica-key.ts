import { parseArn } from '../../../domain/arn.ts'
import type { Region } from '../../../domain/region.ts'
import { deleteKey, describedKey, isToBeEnabled, keyMade, readKey, updateKeyParts } from './key-parts.ts'
import type { Answer, Hands, ResourceRequest, ResourceType } from './resource-type.ts'
import { kmsTags, tagsSchema } from './tags.ts'
import { answered, answeredMembers, documentIn, given, textIn, unless } from './values.ts'

const GONE = ['NotFoundException']

/** A replica in the stack's Region of a primary in another one. */
export const kmsReplicaKey: ResourceType = {
  name: 'AWS::KMS::ReplicaKey',
  schema: {
    type: 'object',
    required: ['KeyPolicy', 'PrimaryKeyArn'],
    properties: {
      Description: { type: 'string', max: 8192 },
      Enabled: { type: 'boolean' },
      KeyPolicy: { type: 'document' },
      PendingWindowInDays: { type: 'integer', min: 7, max: 30 },
      PrimaryKeyArn: { type: 'string', min: 1, max: 256, pattern: '^arn:[^:]+:kms:[^:]+:[^:]+:key/[^:]+$' },
      Tags: tagsSchema,
    },
  },
  attributes: ['Arn', 'KeyId'],
  secrets: [],
  createOnly: ['PrimaryKeyArn'],
  writeOnly: ['PendingWindowInDays'],
  nameProperty: null,
  tagsProperty: 'Tags',
  capability: () => null,
  nameFor: () => null,

  async create(hands, request) {
    const { properties } = request
    const KeyId = textIn(properties, 'PrimaryKeyArn') ?? ''
    const made = await hands.make(
      'kms',
      'ReplicateKey',
      given({
        KeyId,
        ReplicaRegion: hands.region,
        Policy: documentIn(properties, 'KeyPolicy'),
        Description: textIn(properties, 'Description'),
        Tags: kmsTags(request),
      }),
      (answer) => answered(answer, 'ReplicaKeyMetadata', 'KeyId'),
      primaryRegion(KeyId),
    )
    const replica = keyMade(answeredMembers(made, 'ReplicaKeyMetadata'))
    await untilCreated(hands, replica.physicalId)
    if (!isToBeEnabled(properties)) await hands.call('kms', 'DisableKey', { KeyId: replica.physicalId })
    return replica
  },

  async update(hands, request, KeyId, before) {
    const [wasEnabled, isEnabled] = [isToBeEnabled(before.properties), isToBeEnabled(request.properties)]
    if (!wasEnabled && isEnabled) await hands.call('kms', 'EnableKey', { KeyId })
    if (wasEnabled && !isEnabled) await hands.call('kms', 'DisableKey', { KeyId })
    await updateKeyParts(hands, request, KeyId, before)
    const answer = await hands.call('kms', 'DescribeKey', { KeyId })
    return keyMade(answeredMembers(answer, 'KeyMetadata'))
  },

  async delete(hands, request, KeyId) {
    // A replica on its way is not there yet, and would come after it was taken for gone.
    if (!(await isCreated(hands, KeyId)) && (await isExpected(hands, request))) await untilCreated(hands, KeyId)
    await deleteKey(hands, request, KeyId)
  },

  async read(hands, request, KeyId) {
    const metadata = await describedKey(hands, KeyId)
    if (metadata === null) return null
    const { MultiRegionConfiguration } = metadata
    return {
      ...(await readKey(hands, request, KeyId, metadata)),
      PrimaryKeyArn: answered({ MultiRegionConfiguration }, 'MultiRegionConfiguration', 'PrimaryKey', 'Arn'),
    }
  },
}

async function isCreated(hands: Hands, KeyId: string): Promise<boolean> {
  const answer = await unless(GONE, hands.call('kms', 'DescribeKey', { KeyId }))
  return answer !== null && answeredMembers(answer, 'KeyMetadata').KeyState !== 'Creating'
}

function untilCreated(hands: Hands, KeyId: string): Promise<void> {
  return hands.wait(`replica ${KeyId} is still being created`, () => isCreated(hands, KeyId))
}

/** Whether the primary knows a replica in the stack's Region. */
async function isExpected(hands: Hands, { properties }: ResourceRequest): Promise<boolean> {
  const KeyId = textIn(properties, 'PrimaryKeyArn') ?? ''
  const answer = await unless(GONE, hands.call('kms', 'DescribeKey', { KeyId }, primaryRegion(KeyId)))
  if (answer === null) return false
  const family = answeredMembers(answeredMembers(answer, 'KeyMetadata'), 'MultiRegionConfiguration')
  const replicas = (family?.ReplicaKeys as readonly Answer[] | undefined) ?? []
  return replicas.some(({ Region }) => Region === hands.region)
}

function primaryRegion(arn: string): Region | undefined {
  return parseArn(arn)?.region
}
