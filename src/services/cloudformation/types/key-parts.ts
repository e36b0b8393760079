import { isEqual } from '../template/equal.ts'
import { member, type Members } from '../template/value.ts'
import type { Answer, Hands, Made, ResourceRequest } from './resource-type.ts'
import { readTags, tagChanges } from './tags.ts'
import { answered, answeredMembers, documentIn, documentOf, listed, textIn, unless } from './values.ts'

/** What keys and replicas have in common. */

const GONE = ['NotFoundException']
const DYING = ['PendingDeletion', 'PendingReplicaDeletion']

export function keyMade(metadata: Answer): Made {
  const physicalId = answered(metadata, 'KeyId')
  return { physicalId, attributes: { Arn: answered(metadata, 'Arn'), KeyId: physicalId } }
}

/** A key as it is now; null where it is gone, or on its way. */
export async function describedKey(hands: Hands, KeyId: string): Promise<Answer | null> {
  const answer = await unless(GONE, hands.call('kms', 'DescribeKey', { KeyId }))
  if (answer === null) return null
  const metadata = answeredMembers(answer, 'KeyMetadata')
  return DYING.includes(answered(metadata, 'KeyState')) ? null : metadata
}

/** Whether a key is to be enabled. */
export function isToBeEnabled(properties: Members): boolean {
  return member(properties, 'Enabled') !== false
}

/** Description, policy and tags, where they change. */
export async function updateKeyParts(
  hands: Hands,
  request: ResourceRequest,
  KeyId: string,
  before: ResourceRequest,
): Promise<void> {
  const Description = textIn(request.properties, 'Description') ?? ''
  if (Description !== (textIn(before.properties, 'Description') ?? '')) {
    await hands.call('kms', 'UpdateKeyDescription', { KeyId, Description })
  }
  const policy = member(request.properties, 'KeyPolicy')
  const hadPolicy = member(before.properties, 'KeyPolicy')
  if (!isEqual(policy, hadPolicy) && (policy !== undefined || hadPolicy !== undefined)) {
    await hands.call('kms', 'PutKeyPolicy', {
      KeyId,
      PolicyName: 'default',
      Policy: documentIn(request.properties, 'KeyPolicy') ?? defaultPolicy(hands.account),
      ...(member(request.properties, 'BypassPolicyLockoutSafetyCheck') === true && {
        BypassPolicyLockoutSafetyCheck: true,
      }),
    })
  }
  const { removed, put } = tagChanges(before, request)
  if (removed.length > 0) await hands.call('kms', 'UntagResource', { KeyId, TagKeys: removed })
  if (put.length > 0) {
    const Tags = put.map(([TagKey, TagValue]) => ({ TagKey, TagValue }))
    await hands.call('kms', 'TagResource', { KeyId, Tags })
  }
}

/** The policy that a key has which is made without one. */
function defaultPolicy(account: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  })
}

/** Schedules a key's deletion, where that is not done. */
export async function deleteKey(hands: Hands, { properties }: ResourceRequest, KeyId: string): Promise<void> {
  const days = member(properties, 'PendingWindowInDays')
  const input = { KeyId, ...(typeof days === 'number' && { PendingWindowInDays: days }) }
  const answer = await unless([...GONE, 'KMSInvalidStateException'], hands.call('kms', 'ScheduleKeyDeletion', input))
  // A state in which it cannot be deleted is one in which it is deleted, or a refusal to be told.
  if (answer === null && (await describedKey(hands, KeyId)) !== null) {
    await hands.call('kms', 'ScheduleKeyDeletion', input)
  }
}

/** What can be read of any key. */
export async function readKey(
  hands: Hands,
  request: ResourceRequest,
  KeyId: string,
  metadata: Answer,
): Promise<Members> {
  const policy = await hands.call('kms', 'GetKeyPolicy', { KeyId, PolicyName: 'default' })
  const tags = await listed(hands, 'kms', 'ListResourceTags', { KeyId }, 'Tags')
  const pairs = tags.map((tag) => [answered(tag, 'TagKey'), answered(tag, 'TagValue')] as const)
  return {
    Description: answered(metadata, 'Description'),
    Enabled: metadata.KeyState !== 'Disabled',
    KeyPolicy: documentOf(answered(policy, 'Policy')),
    ...readTags(pairs, request),
  }
}
