import type { KeyRecord } from '../domain/key.ts'
import { roleOf } from '../domain/multi-region.ts'
import { conditionKeys, type ConditionKeys, type ConditionValue } from '../policy/context.ts'
import type { Call, Need } from './operation.ts'

/**
 * The condition keys of one question. They are gathered when a policy first asks for one: most policies never do.
 *
 * `kms:ResourceAliases` and `aws:ResourceTag` are not among them: AWS lets them decide in IAM policies only (AWS KMS
 * Developer Guide, "ABAC for AWS KMS").
 */
export function conditionKeysOf({ on, context, region }: Need, call: Call): ConditionKeys {
  let gathered: Map<string, ConditionValue> | null = null
  return {
    get(name) {
      gathered ??= conditionKeys({
        ...requestKeys(call),
        'aws:RequestedRegion': region,
        ...(typeof on === 'string' ? { 'aws:ResourceAccount': call.caller.account } : resourceKeys(on.record)),
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
    'aws:PrincipalAccount': caller.account,
    'aws:PrincipalArn': caller.arn,
    'aws:PrincipalIsAWSService': 'false',
    'aws:PrincipalType': 'Account',
    'aws:SecureTransport': String(secure),
    'aws:SourceIp': sourceIp,
    'aws:UserAgent': userAgent,
    'aws:userid': caller.account,
    'aws:ViaAWSService': 'false',
    'kms:CallerAccount': caller.account,
  }
}

function resourceKeys({ account, spec, usage, origin, family }: KeyRecord): Record<string, ConditionValue> {
  return {
    'aws:ResourceAccount': account,
    'kms:KeySpec': spec,
    'kms:KeyUsage': usage,
    'kms:KeyOrigin': origin,
    'kms:MultiRegion': String(family !== null),
    ...(family !== null && { 'kms:MultiRegionKeyType': roleOf(family) === 'REPLICA' ? 'REPLICA' : 'PRIMARY' }),
  }
}
