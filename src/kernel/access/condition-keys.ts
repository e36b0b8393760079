import type { KeyRecord } from '../../domain/key.ts'
import { roleOf } from '../../domain/multi-region.ts'
import { conditionKeys, type ConditionKeys, type ConditionValue } from '../../policy/context.ts'
import type { Tag } from '../../domain/tags.ts'
import type { Caller } from '../identities/caller.ts'
import type { OrganizationLayers } from '../identities/organization-layers.ts'
import type { KeyFacts, Need, RoleFacts } from './need.ts'
import type { Call } from '../call.ts'

/**
 * The condition keys of one question.
 *
 * Nothing is gathered before a policy asks for it: most policies ask for few, and what follows from the caller or the
 * key is gathered once for each. What the operation gives counts before what the key has, and that before the rest.
 *
 * @param organization of the account of what the permission is on, or of the caller's where that has none of its own
 */
export function conditionKeysOf(
  { on, context, region }: Need,
  call: Call,
  organization: OrganizationLayers | null,
): ConditionKeys {
  let given: ReadonlyMap<string, ConditionValue> | null = null
  let ofResource: ReadonlyMap<string, ConditionValue> | null = null
  return {
    get(name) {
      given ??= conditionKeys(context)
      ofResource ??= typeof on === 'string' ? NO_KEYS : keysOfResource(on)
      const own = given.get(name) ?? ofResource.get(name)
      if (own !== undefined) return own
      if (name === 'aws:requestedregion') return region
      if (name === 'aws:resourceaccount') return accountOf(on) ?? call.caller.account
      if (name === 'aws:resourceorgid') return organization?.id
      if (name === 'aws:resourceorgpaths') return organization?.paths
      return keysOfCaller(call.caller).get(name) ?? requestKey(name, call)
    },
  }
}

const NO_KEYS: ReadonlyMap<string, ConditionValue> = new Map()
const OF_CALLERS = new WeakMap<object, ReadonlyMap<string, ConditionValue>>()
const OF_RESOURCES = new WeakMap<object, ReadonlyMap<string, ConditionValue>>()

// INVARIANT: callers and what permissions are on are never changed, only replaced; so what was gathered stays true.
function keysOfCaller({ keys }: Caller): ReadonlyMap<string, ConditionValue> {
  return remembered(OF_CALLERS, keys, conditionKeys)
}

function keysOfResource(on: KeyFacts | RoleFacts): ReadonlyMap<string, ConditionValue> {
  return remembered(OF_RESOURCES, on, (facts) => conditionKeys(resourceKeys(facts)))
}

function remembered<Facts extends object>(
  memory: WeakMap<object, ReadonlyMap<string, ConditionValue>>,
  facts: Facts,
  gather: (facts: Facts) => ReadonlyMap<string, ConditionValue>,
): ReadonlyMap<string, ConditionValue> {
  const known = memory.get(facts)
  if (known !== undefined) return known
  const gathered = gather(facts)
  memory.set(facts, gathered)
  return gathered
}

/** What every request tells, whatever it asks. */
function requestKey(name: string, call: Call): ConditionValue | undefined {
  const { caller, now, sourceIp, secure, userAgent, via } = call
  switch (name) {
    case 'aws:currenttime':
      return new Date(now).toISOString()
    case 'aws:epochtime':
      return String(Math.floor(now / 1000))
    case 'aws:principalisawsservice':
      return 'false'
    case 'aws:viaawsservice':
      return String(via !== undefined)
    case 'aws:calledvia':
      return via
    case 'aws:calledviafirst':
      return via?.[0]
    case 'aws:calledvialast':
      return via?.at(-1)
    case 'aws:securetransport':
      return String(secure)
    case 'aws:sourceip':
      // Of the service that asks there is no address that a policy could know.
      return via === undefined ? sourceIp : undefined
    case 'aws:useragent':
      return userAgent
    case 'kms:calleraccount':
      return caller.account
    default:
      return undefined
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
