import type { KeyRecord } from '../domain/key.ts'
import { roleOf } from '../domain/multi-region.ts'
import { conditionKeys, type ConditionKeys, type ConditionValue } from '../policy/context.ts'
import type { Call, KeyFacts, Need } from './operation.ts'

/** The condition keys of one question. They are gathered when a policy first asks for one: most policies never do. */
export function conditionKeysOf({ on, context, region }: Need, call: Call): ConditionKeys {
  let gathered: Map<string, ConditionValue> | null = null
  return {
    get(name) {
      gathered ??= conditionKeys({
        ...requestKeys(call),
        ...call.caller.keys,
        'aws:RequestedRegion': region,
        ...(typeof on === 'string' ? { 'aws:ResourceAccount': call.caller.account } : resourceKeys(on)),
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

function resourceKeys({ record, aliases }: KeyFacts): Record<string, ConditionValue> {
  const tags = record.tags.map(({ key, value }) => [`aws:ResourceTag/${key}`, value] as const)
  return { ...keyKeys(record), 'kms:ResourceAliases': aliases, ...Object.fromEntries(tags) }
}

function keyKeys({ account, spec, usage, origin, family }: KeyRecord): Record<string, ConditionValue> {
  return {
    'aws:ResourceAccount': account,
    'kms:KeySpec': spec,
    'kms:CustomerMasterKeySpec': spec,
    'kms:KeyUsage': usage,
    'kms:CustomerMasterKeyUsage': usage,
    'kms:KeyOrigin': origin,
    'kms:MultiRegion': String(family !== null),
    ...(family !== null && { 'kms:MultiRegionKeyType': roleOf(family) === 'REPLICA' ? 'REPLICA' : 'PRIMARY' }),
  }
}
