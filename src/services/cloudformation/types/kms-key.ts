import { KEY_SPECS } from '../../../domain/key-spec.ts'
import { common } from '../../../kernel/errors.ts'
import { isEqual } from '../template/equal.ts'
import { member, type Members } from '../template/value.ts'
import { deleteKey, describedKey, isToBeEnabled, keyMade, readKey, updateKeyParts } from './key-parts.ts'
import type { Answer, Hands, ResourceType } from './resource-type.ts'
import { kmsTags, tagsSchema } from './tags.ts'
import { answered, answeredMembers, documentIn, given, unless } from './values.ts'

/** How often a key rotates where nobody says it, in days. */
const DEFAULT_PERIOD = 365

/** What no key can change. AWS makes no new key instead, so that nobody loses one by a slip. */
const FIXED: Readonly<Record<string, string | boolean>> = {
  KeySpec: 'SYMMETRIC_DEFAULT',
  KeyUsage: 'ENCRYPT_DECRYPT',
  MultiRegion: false,
  Origin: 'AWS_KMS',
}

export const kmsKey: ResourceType = {
  name: 'AWS::KMS::Key',
  schema: {
    type: 'object',
    required: [],
    properties: {
      BypassPolicyLockoutSafetyCheck: { type: 'boolean' },
      Description: { type: 'string', max: 8192 },
      EnableKeyRotation: { type: 'boolean' },
      Enabled: { type: 'boolean' },
      KeyPolicy: { type: 'document' },
      KeySpec: { type: 'string', enum: Object.keys(KEY_SPECS) },
      KeyUsage: { type: 'string', enum: ['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT'] },
      MultiRegion: { type: 'boolean' },
      Origin: { type: 'string', enum: ['AWS_KMS', 'EXTERNAL'] },
      PendingWindowInDays: { type: 'integer', min: 7, max: 30 },
      RotationPeriodInDays: { type: 'integer', min: 90, max: 2560 },
      Tags: tagsSchema,
    },
  },
  attributes: ['Arn', 'KeyId'],
  secrets: [],
  createOnly: [],
  writeOnly: ['PendingWindowInDays', 'BypassPolicyLockoutSafetyCheck', 'RotationPeriodInDays'],
  nameProperty: null,
  tagsProperty: 'Tags',
  capability: () => null,
  nameFor: () => null,

  async create(hands, request) {
    const { properties } = request
    const { BypassPolicyLockoutSafetyCheck, Description, KeySpec, KeyUsage, MultiRegion, Origin } = properties
    const made = await hands.make(
      'kms',
      'CreateKey',
      given({
        BypassPolicyLockoutSafetyCheck,
        Description,
        KeySpec,
        KeyUsage,
        MultiRegion,
        Origin,
        Policy: documentIn(properties, 'KeyPolicy'),
        Tags: kmsTags(request),
      }),
      (answer) => answered(answer, 'KeyMetadata', 'KeyId'),
    )
    const key = keyMade(answeredMembers(made, 'KeyMetadata'))
    if (properties.EnableKeyRotation === true) await enableRotation(hands, key.physicalId, properties)
    if (!isToBeEnabled(properties)) await hands.call('kms', 'DisableKey', { KeyId: key.physicalId })
    return key
  },

  async update(hands, request, KeyId, before) {
    const [was, is] = [before.properties, request.properties]
    refuseFixed(was, is)
    const [wasEnabled, isEnabled] = [isToBeEnabled(was), isToBeEnabled(is)]
    const rotation = rotationOf(is)
    const isRotationChanged = !isEqual(rotation, rotationOf(was))
    if (!wasEnabled && !isEnabled && isRotationChanged) {
      throw common.ValidationException(
        'You cannot modify the EnableKeyRotation property when the Enabled property is false. Set Enabled to true to ' +
          'modify the EnableKeyRotation property.',
      )
    }
    if (!wasEnabled && isEnabled) await hands.call('kms', 'EnableKey', { KeyId })
    if (isRotationChanged) await changeRotation(hands, KeyId, is)
    if (wasEnabled && !isEnabled) await hands.call('kms', 'DisableKey', { KeyId })
    await updateKeyParts(hands, request, KeyId, before)
    const answer = await hands.call('kms', 'DescribeKey', { KeyId })
    return keyMade(answeredMembers(answer, 'KeyMetadata'))
  },

  delete: deleteKey,

  async read(hands, request, KeyId) {
    const metadata = await describedKey(hands, KeyId)
    if (metadata === null) return null
    const isRotating =
      metadata.KeySpec === 'SYMMETRIC_DEFAULT' && metadata.Origin === 'AWS_KMS'
        ? (await hands.call('kms', 'GetKeyRotationStatus', { KeyId })).KeyRotationEnabled === true
        : false
    return {
      ...(await readKey(hands, request, KeyId, metadata)),
      EnableKeyRotation: isRotating,
      KeySpec: answered(metadata, 'KeySpec'),
      KeyUsage: answered(metadata, 'KeyUsage'),
      MultiRegion: metadata.MultiRegion === true,
      Origin: answered(metadata, 'Origin'),
    }
  },
}

/** What decides how a key rotates: whether, and how often. */
function rotationOf(properties: Members): readonly (string | boolean | number | null)[] {
  const days = member(properties, 'RotationPeriodInDays')
  if (properties.EnableKeyRotation !== true) return [false, null]
  return [true, typeof days === 'number' ? days : null]
}

async function enableRotation(hands: Hands, KeyId: string, { RotationPeriodInDays }: Members): Promise<Answer> {
  return hands.call('kms', 'EnableKeyRotation', given({ KeyId, RotationPeriodInDays }))
}

async function changeRotation(hands: Hands, KeyId: string, properties: Members): Promise<void> {
  const isRotating = properties.EnableKeyRotation === true
  const change = () =>
    // A key that rotates keeps its period where none is named.
    isRotating
      ? enableRotation(hands, KeyId, { RotationPeriodInDays: DEFAULT_PERIOD, ...properties })
      : hands.call('kms', 'DisableKeyRotation', { KeyId })
  if ((await unless(['DisabledException'], change())) !== null) return
  // Where an update is put back that has not come to enable the key, its rotation is what it was.
  const status = await hands.call('kms', 'GetKeyRotationStatus', { KeyId })
  if (status.KeyRotationEnabled !== isRotating) await change()
}

function refuseFixed(was: Members, is: Members): void {
  const name = Object.keys(FIXED).find((each) => (was[each] ?? FIXED[each]) !== (is[each] ?? FIXED[each]))
  if (name === undefined) return
  throw common.ValidationException(
    `You cannot change the ${name} property of an existing KMS key. Give the new key another logical id; the old one ` +
      'is then scheduled for deletion, unless its DeletionPolicy retains it.',
  )
}
