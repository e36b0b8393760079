import type { KeyRecord } from '../domain/key.ts'
import { roleOf } from '../domain/multi-region.ts'
import { conditionKeys, type ConditionKeys, type ConditionValue } from '../policy/context.ts'
import type { Tag } from '../domain/tags.ts'
import type { Call, KeyFacts, Need, RoleFacts } from './operation.ts'

/** The condition keys of one question. They are gathered when a policy first asks for one: most policies never do. */
export function conditionKeysOf({ on, context, region }: Need, call: Call): ConditionKeys {
  let gathered: Map<string, ConditionValue> | null = null
  return {
    get(name) {
      gathered ??= conditionKeys({
        ...requestKeys(call),
        ...call.caller.keys,
        'aws:RequestedRegion': region,
        'aws:ResourceAccount': accountOf(on) ?? call.caller.account,
        ...(typeof on !== 'string' && resourceKeys(on)),
        ...context,
      })
      return gathered.get(name)
    },
  }
}

function requestKeys({ caller, now, sourceIp, secure, userAgent }: Call): Record<string, ConditionValue> {
  return {
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1000)),
    'aws:PrincipalIsAWSService': 'false',
    'aws:SecureTransport': String(secure),
    'aws:SourceIp': sourceIp,
    'aws:UserAgent': userAgent,
    'aws:ViaAWSService': 'false',
    'kms:CallerAccount': caller.account,
  }
}

/** The account of what a permission is on; null for what has none of its own. */
export function accountOf(on: Need['on']): string | null {
  if (typeof on === 'string') return null
  return 'record' in on ? on.record.account : on.account
}

function resourceKeys(on: KeyFacts | RoleFacts): Record<string, ConditionValue> {
  if (!('record' in on)) return { ...tagKeys(on.tags, 'aws:ResourceTag'), ...tagKeys(on.tags, 'iam:ResourceTag') }
  const { record, aliases } = on
  return { ...keyKeys(record), 'kms:ResourceAliases': aliases, ...tagKeys(record.tags, 'aws:ResourceTag') }
}

function tagKeys(tags: readonly Tag[], prefix: string): Record<string, ConditionValue> {
  return Object.fromEntries(tags.map(({ key, value }) => [`${prefix}/${key}`, value]))
}

function keyKeys({ spec, usage, origin, family }: KeyRecord): Record<string, ConditionValue> {
  return {
    'kms:KeySpec': spec,
    'kms:CustomerMasterKeySpec': spec,
    'kms:KeyUsage': usage,
    'kms:CustomerMasterKeyUsage': usage,
    'kms:KeyOrigin': origin,
    'kms:MultiRegion': String(family !== null),
    ...(family !== null && { 'kms:MultiRegionKeyType': roleOf(family) === 'REPLICA' ? 'REPLICA' : 'PRIMARY' }),
  }
}
