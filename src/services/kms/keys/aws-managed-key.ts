import { generateMaterial, materialId } from '../../../crypto/material.ts'
import { aliasArn } from '../../../domain/arn.ts'
import {
  awsAlias,
  awsKeyDescription,
  awsKeyPolicy,
  serviceOfAlias,
  type AwsService,
} from '../../../domain/aws-service.ts'
import { newKeyId } from '../../../domain/key-id.ts'
import { arnOf, type KeyRecord } from '../../../domain/key.ts'
import { DAY_MS, DEFAULT_ROTATION_PERIOD_DAYS } from '../../../domain/limits.ts'
import { recordServiceEvent } from '../../../kernel/audit.ts'
import { compileStoredPolicy } from '../../../kernel/keys/policy.ts'
import type { KeySnapshot } from '../../../kernel/keys/snapshot.ts'
import type { Reads, WritePowers } from '../../../kernel/operation.ts'
import type { KeyFacts } from '../../../kernel/access/need.ts'
import type { Call } from '../../../kernel/call.ts'
import { scopeOf } from '../../../storage/vault.ts'
import { makeKey } from './change-key.ts'
import { aliasIn, findKeyToUse } from './find-key.ts'

/** A key that AWS manages for a service, and that nobody has asked for yet. */
export interface UnmadeKey extends KeyFacts {
  readonly madeFor: AwsService
}

/** Says whether a key is still to be made. */
export function isUnmade(key: KeySnapshot | UnmadeKey): key is UnmadeKey {
  return 'madeFor' in key
}

/**
 * Finds keys that may be looked at, those among them that AWS manages: such a key comes into being when its alias is
 * first described (AWS KMS API Reference, DescribeKey).
 */
export function findKeyToDescribe(
  action: string,
): (keyId: string, call: Call, reads: Reads) => Promise<KeySnapshot | UnmadeKey> | KeySnapshot {
  const find = findKeyToUse(action)
  return (keyId, call, reads) => {
    const service = awsServiceIn(keyId, call)
    return service === null ? find(keyId, call, reads) : findOrPlan(service, call, reads)
  }
}

/** The service whose key in the caller's own account a request names. */
function awsServiceIn(keyId: string, { caller, region }: Call): AwsService | null {
  const name = aliasIn(keyId)
  const isOwn = name !== null && (keyId === name || keyId === aliasArn(region, caller.account, name))
  return isOwn ? serviceOfAlias(name) : null
}

async function findOrPlan(service: AwsService, call: Call, reads: Reads): Promise<KeySnapshot | UnmadeKey> {
  const found = await reads.keyByAlias(call.caller.account, awsAlias(service))
  if (found !== null) return found
  // It has no id yet: whoever may describe it may describe any key of the account here.
  const record = draft(service, '*', call)
  const policy = compileStoredPolicy(record.policy, record.principals)
  return { record, arn: arnOf(record), aliases: [awsAlias(service)], policy, grantsOf: () => [], madeFor: service }
}

/** Makes the key that AWS manages for a service, with its alias: single-Region, symmetric, and rotated every year. */
export async function makeAwsKey(
  { madeFor: service }: UnmadeKey,
  call: Call,
  powers: WritePowers,
): Promise<KeySnapshot> {
  const { writes, random, reads, note } = powers
  const plan = draft(service, newKeyId(random(16), false), call)
  const material = generateMaterial()
  const current = materialId(material, scopeOf(plan), plan.spec)
  const key = { ...plan, current, materials: [{ id: current, generation: 1, rotation: null, requested: null }] }
  await makeKey(powers, key, new Map([[current, material]]), call.now)
  const { account, id, region } = key
  const named = { account, name: awsAlias(service), targetKeyId: id }
  await writes.putAlias({ ...named, createdAt: call.now, updatedAt: call.now })
  const requestParameters = { description: key.description, keySpec: key.spec, keyUsage: key.usage, origin: key.origin }
  const about = { region, account, now: call.now, keyArn: arnOf(key) }
  await note(recordServiceEvent({ eventName: 'CreateKey', ...about, requestParameters }))
  const made = await reads.key(account, id)
  if (made === null) throw new Error('INVARIANT: a transaction reads what it has written')
  return made
}

function draft(service: AwsService, id: string, { caller, region, now }: Call): KeyRecord {
  return {
    account: caller.account,
    region,
    id,
    createdAt: now,
    description: awsKeyDescription(service),
    policy: awsKeyPolicy(service, caller.account, region),
    principals: {},
    tags: [],
    spec: 'SYMMETRIC_DEFAULT',
    usage: 'ENCRYPT_DECRYPT',
    origin: 'AWS_KMS',
    enabled: true,
    deletion: null,
    materials: [],
    current: null,
    rotation: { periodDays: DEFAULT_ROTATION_PERIOD_DAYS, nextAt: now + DEFAULT_ROTATION_PERIOD_DAYS * DAY_MS },
    onDemandRotations: 0,
    family: null,
    service: service.name,
  }
}
