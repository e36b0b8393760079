import { z } from 'zod'
import { NO_IMPORTS } from '../../../domain/imports.ts'
import type { KeyRecord } from '../../../domain/key.ts'
import { roleOf, type ReplicaBirth } from '../../../domain/multi-region.ts'
import { isRegionEnabled } from '../../../domain/region-opt-in.ts'
import { isOtherPartition, type Region } from '../../../domain/region.ts'
import { KEYS_PER_REGION } from '../../../domain/limits.ts'
import type { Caller } from '../../../kernel/identities/caller.ts'
import { common } from '../../../kernel/errors.ts'
import type { KeySnapshot } from '../../../kernel/keys/snapshot.ts'
import { writeOperation, type Reads } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { replicate } from '../../../replication/commands.ts'
import { isGoverning } from '../../../replication/governing.ts'
import { NOTHING, readSeat, writeStep } from '../../../replication/seat.ts'
import { acceptPolicy } from '../keys/accept-policy.ts'
import { acceptTags, wireTags } from '../keys/accept-tags.ts'
import { requestTags } from '../condition-keys.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { keyMetadata } from '../keys/key-metadata.ts'
import { recordOf } from '../record.ts'
import { requireState } from '../requirements.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:ReplicateKey'
const find = findKeyToManage(ACTION)

/**
 * Creates a replica of a multi-Region primary key in another Region.
 *
 * Writes only here: it notes the intended replica beside its primary and answers `Creating`. Replication creates the
 * key over there, brings the material, and lets it be used. Policy, tags and description are the replica's own from
 * birth: a policy that is left out is the default policy, not the primary's.
 */
export const ReplicateKey = writeOperation({
  name: 'ReplicateKey',
  errors: [
    errors.AlreadyExistsException,
    errors.DisabledException,
    errors.InvalidArnException,
    errors.KMSInvalidStateException,
    errors.LimitExceededException,
    errors.MalformedPolicyDocumentException,
    errors.NotFoundException,
    errors.TagException,
    errors.UnsupportedOperationException,
  ],
  input: z.object({
    KeyId: shape.keyId,
    ReplicaRegion: shape.region,
    Policy: shape.policy.optional(),
    BypassPolicyLockoutSafetyCheck: z.boolean().default(false),
    Description: shape.description.default(''),
    Tags: shape.tags.default([]),
  }),
  looksElsewhere: true,
  async load({ KeyId, ReplicaRegion }, call, reads) {
    const primary = await find(KeyId, call, reads)
    return { primary, keysThere: await reads.countKeysIn(ReplicaRegion, primary.record.account) }
  },
  // Two Regions, two questions: may you replicate this key from here, and may you create keys there?
  requires: ({ ReplicaRegion, Tags, BypassPolicyLockoutSafetyCheck }, { primary }, { region }) => [
    need(ACTION, primary, region, { 'kms:ReplicaRegion': ReplicaRegion }),
    need('kms:CreateKey', '*', ReplicaRegion, {
      'kms:KeySpec': primary.record.spec,
      'kms:KeyUsage': primary.record.usage,
      'kms:KeyOrigin': primary.record.origin,
      'kms:MultiRegion': 'true',
      'kms:MultiRegionKeyType': 'REPLICA',
      'kms:BypassPolicyLockoutSafetyCheck': String(BypassPolicyLockoutSafetyCheck),
      ...requestTags(Tags),
    }),
    ...(Tags.length > 0 ? [need('kms:TagResource', '*', ReplicaRegion, requestTags(Tags), 'creation')] : []),
  ],
  async run(input, { primary, keysThere }, call, powers) {
    const { reads, writes } = powers
    const { record } = primary
    const tags = [...acceptTags(input.Tags), ...(call.systemTags ?? [])]
    requirePrimary(primary)
    requireState('ReplicateKey', primary)
    requireReplicaRegion(primary, input.ReplicaRegion, call.caller, reads)
    // A Region that cannot be reached makes the replica when it can, and is not asked how many keys it has.
    if ((keysThere ?? 0) >= KEYS_PER_REGION) {
      throw errors.LimitExceededException(
        `Account ${record.account} has ${KEYS_PER_REGION} keys in ${input.ReplicaRegion} already.`,
      )
    }
    const own = { createdAt: call.now, description: input.Description, tags }
    const draft: KeyRecord = { ...record, ...own, region: input.ReplicaRegion }
    const there = { ...call, region: input.ReplicaRegion }
    const accepted = await acceptPolicy(input.Policy, input.BypassPolicyLockoutSafetyCheck, draft, there, reads)
    const birth: ReplicaBirth = { ...own, ...accepted }
    const seat = await readSeat(writes, record.account, record.id)
    const metadata = keyMetadata(record)
    const step = replicate(seat, input.ReplicaRegion, birth)
    await writeStep(powers, seat, step, NOTHING, call.now)
    return {
      ReplicaKeyMetadata: {
        ...keyMetadata(unborn(step.seat.key ?? record, input.ReplicaRegion, birth)),
        // AWS tells the primary's, though nothing was imported into the replica.
        ...('ExpirationModel' in metadata && { ExpirationModel: metadata.ExpirationModel }),
      },
      ReplicaPolicy: accepted.policy,
      ReplicaTags: tags.length > 0 ? wireTags(tags) : undefined,
    }
  },
  record: (input, found, answer) => recordOf(input, [found?.primary ?? null], answer),
})

function requirePrimary({ arn, record }: KeySnapshot): void {
  if (record.family === null || roleOf(record.family) === 'REPLICA') {
    throw errors.UnsupportedOperationException(`${arn} is not a multi-region primary key.`)
  }
}

function requireReplicaRegion(
  { record }: KeySnapshot,
  region: Region,
  { account, optedIn }: Caller,
  { regions, strangers }: Pick<Reads, 'regions' | 'strangers'>,
): void {
  if (region === record.region) {
    throw common.ValidationException(`${region} cannot have a replica because it contains the primary.`)
  }
  if (isOtherPartition(region)) {
    throw common.ValidationException(
      'The replica key Region must be in the same AWS partition as the primary key Region.',
    )
  }
  if (!regions.includes(region)) {
    const isNamed = strangers.includes(region)
    throw common.ValidationException(
      `Region ${region} is not a valid Region or multi-Region keys are not supported in Region ${region}.` +
        (isNamed ? ` It is named as a peer of this server, and not trusted here: keyspan region trust` : ''),
    )
  }
  if (!isRegionEnabled(region, optedIn)) {
    throw common.ValidationException(`Region ${region} is not enabled for account ${account}. Enable it first.`)
  }
  if (isGoverning(record) && record.family.authority.members[region] !== undefined) {
    throw errors.AlreadyExistsException('You can create only one replica of each primary key in each AWS Region.')
  }
}

/** The replica as it will begin: it is there as soon as its Region has heard of it. */
function unborn(primary: KeyRecord, region: Region, birth: ReplicaBirth): KeyRecord {
  const family = primary.family && { ...primary.family, active: false, authority: null }
  const imports = primary.imports && { imports: NO_IMPORTS }
  return { ...primary, ...imports, ...birth, region, enabled: true, deletion: null, family }
}
