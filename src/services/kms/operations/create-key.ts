import { z } from 'zod'
import { makeMaterial, materialId } from '../../../crypto/material.ts'
import { newKeyId } from '../../../domain/key-id.ts'
import { NO_IMPORTS } from '../../../domain/imports.ts'
import { KEY_SPECS, type KeyOrigin, type KeySpec, type KeyUsage } from '../../../domain/key-spec.ts'
import type { KeyRecord } from '../../../domain/key.ts'
import { KEYS_PER_REGION } from '../../../domain/limits.ts'
import { common } from '../../../kernel/errors.ts'
import { writeOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import type { Complaint } from '../../../kernel/parse.ts'
import { beginFamily } from '../../../replication/commands.ts'
import { NOTHING } from '../../../replication/seat.ts'
import type { RegionReads } from '../../../storage/store.ts'
import { scopeOf } from '../../../storage/vault.ts'
import { acceptPolicy } from '../keys/accept-policy.ts'
import { acceptTags } from '../keys/accept-tags.ts'
import { makeKey } from '../keys/change-key.ts'
import { requestTags } from '../condition-keys.ts'
import { noSuchKeyStore } from '../custom-key-store.ts'
import { errors } from '../errors.ts'
import { keyMetadata } from '../keys/key-metadata.ts'
import { makeMultiRegionRole, multiRegionRoleArn, needMultiRegionRole } from '../keys/multi-region-role.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

const input = z
  .object({
    Policy: shape.policy.optional(),
    Description: shape.description.default(''),
    KeyUsage: shape.keyUsage.optional(),
    CustomerMasterKeySpec: shape.keySpec.optional(),
    KeySpec: shape.keySpec.optional(),
    Origin: shape.origin.default('AWS_KMS'),
    CustomKeyStoreId: z.string().min(1).max(64).optional(),
    XksKeyId: z.string().min(1).max(128).optional(),
    BypassPolicyLockoutSafetyCheck: z.boolean().default(false),
    Tags: shape.tags.default([]),
    MultiRegion: z.boolean().default(false),
  })
  .transform((given, context) => {
    if (given.KeySpec !== undefined && given.CustomerMasterKeySpec !== undefined) {
      const complaint: Complaint = { kind: 'sentence' }
      const message =
        'You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.'
      context.addIssue({ code: 'custom', message, input: given, params: { complaint } })
    }
    const spec = given.KeySpec ?? given.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT'
    return { ...given, KeySpec: spec, CustomerMasterKeySpec: given.CustomerMasterKeySpec ?? spec }
  })
type Input = z.infer<typeof input>

/**
 * Creates a KMS key in the caller's account and Region.
 *
 * With Origin EXTERNAL it has no material and waits for it to be imported; any other key is enabled at once. With
 * MultiRegion it is the primary of a new multi-Region key, without replicas. An account's
 * first one brings the service-linked role that keeps related keys alike.
 */
export const CreateKey = writeOperation({
  name: 'CreateKey',
  errors: [
    errors.AlreadyExistsException,
    errors.CustomKeyStoreNotFoundException,
    errors.LimitExceededException,
    errors.MalformedPolicyDocumentException,
    errors.TagException,
    errors.UnsupportedOperationException,
  ],
  input,
  async load({ MultiRegion }, { caller }, reads) {
    return { needsRole: MultiRegion && (await reads.principalId(multiRegionRoleArn(caller.account))) === null }
  },
  requires: (given, { needsRole }, call) => [
    need('kms:CreateKey', '*', call.region, contextOf(given)),
    ...(given.Tags.length > 0 ? [need('kms:TagResource', '*', call.region, requestTags(given.Tags), 'creation')] : []),
    ...(needsRole ? [needMultiRegionRole(call)] : []),
  ],
  // A private key of RSA can take seconds, in which the Region's store must stay free for others.
  async ahead(given, { needsRole }, call, powers) {
    const { spec, origin } = requireMakeable(given)
    if (needsRole) await makeMultiRegionRole(powers, call)
    const { chosen } = call
    return origin === 'AWS_KMS' ? (chosen?.material ?? makeMaterial(KEY_SPECS[spec].recipe)) : null
  },
  async run(given, _found, call, powers, ready) {
    const { spec, usage, origin } = requireMakeable(given)
    const tags = [...acceptTags(given.Tags), ...(call.systemTags ?? [])]
    const { account } = call.caller
    if ((await powers.writes.countKeys(account)) >= KEYS_PER_REGION) {
      throw errors.LimitExceededException(`Account ${account} has ${KEYS_PER_REGION} keys in ${call.region} already.`)
    }
    const id = call.chosen?.keyId ?? newKeyId(powers.random(16), given.MultiRegion)
    if (call.chosen !== undefined) await requireNewId({ account, id }, powers.writes)
    const current = ready && materialId(ready, scopeOf({ account, id, region: call.region }), spec)
    const draft: KeyRecord = {
      account,
      region: call.region,
      id,
      createdAt: call.now,
      description: given.Description,
      policy: '',
      principals: {},
      tags,
      spec,
      usage,
      origin,
      enabled: true,
      deletion: null,
      materials: current === null ? [] : [{ id: current, generation: 1, rotation: null, requested: null }],
      current,
      ...(origin === 'EXTERNAL' && { imports: NO_IMPORTS }),
      rotation: null,
      onDemandRotations: 0,
      family: given.MultiRegion ? beginFamily(call.region) : null,
    }
    const bypass = given.BypassPolicyLockoutSafetyCheck
    const key = { ...draft, ...(await acceptPolicy(given.Policy, bypass, draft, call, powers.reads)) }
    await makeKey(powers, key, ready !== null && current !== null ? new Map([[current, ready]]) : NOTHING, call.now)
    return { KeyMetadata: keyMetadata(key) }
  },
  record: (given, _found, made) => ({
    ...recordOf(given, [], made),
    resources: made === null ? [] : [made.KeyMetadata.Arn],
  }),
})

/** An id that was chosen may be that of a key that is here, or was. */
async function requireNewId(key: { account: string; id: string }, reads: RegionReads): Promise<void> {
  if ((await reads.key(key.account, key.id)) === null && (await reads.tombstone(key.account, key.id)) === null) return
  throw errors.AlreadyExistsException(`Account ${key.account} has or had a key ${key.id} already.`)
}

function contextOf(given: Input) {
  return {
    'kms:KeySpec': given.KeySpec,
    'kms:KeyUsage': given.KeyUsage ?? 'ENCRYPT_DECRYPT',
    'kms:KeyOrigin': given.Origin,
    'kms:MultiRegion': String(given.MultiRegion),
    ...(given.MultiRegion && { 'kms:MultiRegionKeyType': 'PRIMARY' }),
    'kms:BypassPolicyLockoutSafetyCheck': String(given.BypassPolicyLockoutSafetyCheck),
    ...requestTags(given.Tags),
  }
}

/** Refuses what is wrong in itself, and what this server does not make yet. */
function requireMakeable(given: Input): { spec: KeySpec; usage: KeyUsage; origin: KeyOrigin } {
  if (given.KeySpec !== 'SYMMETRIC_DEFAULT' && given.KeyUsage === undefined) {
    throw common.ValidationException(
      'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
    )
  }
  const { Origin: origin } = given
  if (given.CustomKeyStoreId !== undefined) throw noSuchKeyStore(given.CustomKeyStoreId)
  if (given.XksKeyId !== undefined || origin === 'AWS_CLOUDHSM' || origin === 'EXTERNAL_KEY_STORE') {
    throw errors.UnsupportedOperationException(
      'Custom key stores are not supported yet. This server makes keys of origin AWS_KMS and EXTERNAL.',
    )
  }
  const usage = given.KeyUsage ?? 'ENCRYPT_DECRYPT'
  if (KEY_SPECS[given.KeySpec].algorithms[usage] === undefined) {
    throw common.ValidationException(`KeyUsage ${usage} is not compatible with KeySpec ${given.KeySpec}`)
  }
  if (origin === 'EXTERNAL' && !KEY_SPECS[given.KeySpec].importable) {
    throw errors.UnsupportedOperationException(
      `Key material of KeySpec ${given.KeySpec} cannot be imported. Make the key with Origin AWS_KMS.`,
    )
  }
  return { spec: given.KeySpec, usage, origin }
}
