import { grantableOperations } from '../../domain/grant.ts'
import { roleOf } from '../../domain/multi-region.ts'
import type { KeyFacts } from '../../kernel/access/need.ts'
import { actionOf, allActions } from '../../policy/vocabulary/vocabulary.ts'
import { nearest } from '../../policy/vocabulary/nearest.ts'
import { InspectionError } from './inspection-error.ts'

const ADMINISTERS = ['PutKeyPolicy', 'ScheduleKeyDeletion', 'CreateGrant']

/** The action on keys of a name, with or without its service; InspectionError where there is none. */
export function requireKeyAction(text: string): string {
  const name = text.includes(':') ? text : `kms:${text}`
  const facts = actionOf(name)
  if (facts?.on.includes('key') === true) return facts.action
  const onKeys = allActions().flatMap(({ action, on }) =>
    on.includes('key') && action.startsWith('kms:') ? action : [],
  )
  const near = nearest(name, onKeys)
  const why = facts === undefined ? 'is no action of AWS KMS' : 'is not asked of a key'
  throw new InspectionError(`"${text}" ${why}.${near === undefined ? '' : ` Did you mean ${near}?`}`)
}

/** What people ask of a key of that kind first: to use it, and to rule over it. */
export function usualActions({ record }: Pick<KeyFacts, 'record'>): readonly string[] {
  const uses = grantableOperations(record).filter((each) => USES.has(each))
  const more = record.family === null ? [] : ['ReplicateKey']
  return [...uses, ...ADMINISTERS, ...more].map((name) => `kms:${name}`)
}

const USES: ReadonlySet<string> = new Set([
  'Encrypt',
  'Decrypt',
  'GenerateDataKey',
  'Sign',
  'Verify',
  'GenerateMac',
  'VerifyMac',
  'DeriveSharedSecret',
  'Encapsulate',
  'Decapsulate',
  'GetPublicKey',
])

const POSSIBLE = new WeakMap<object, ReadonlySet<string>>()

/** What can be asked of a key at all, by its kind and its role among related keys. */
export function possibleActions({ record }: Pick<KeyFacts, 'record'>): ReadonlySet<string> {
  const known = POSSIBLE.get(record)
  if (known !== undefined) return known
  const isReplica = record.family !== null && roleOf(record.family) === 'REPLICA'
  const grantable: ReadonlySet<string> = new Set(grantableOperations(record))
  const isImported = record.origin === 'EXTERNAL'
  const isPossible = (name: string): boolean => {
    if (OF_MATERIAL.has(name)) return isImported
    if (name === 'ReplicateKey') return record.family !== null && !isReplica
    if (name === 'UpdatePrimaryRegion') return record.family !== null
    return !OF_USAGES.has(name) || grantable.has(name)
  }
  const all = allActions().filter(({ action, on }) => action.startsWith('kms:') && on.includes('key'))
  const possible = new Set(all.flatMap(({ action }) => (isPossible(action.slice('kms:'.length)) ? action : [])))
  POSSIBLE.set(record, possible)
  return possible
}

const OF_MATERIAL: ReadonlySet<string> = new Set([
  'DeleteImportedKeyMaterial',
  'GetParametersForImport',
  'ImportKeyMaterial',
])

/** What depends on what a key is for. */
const OF_USAGES: ReadonlySet<string> = new Set([
  ...USES,
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
])

/** What is asked of no key: whoever may create keys, for example. */
export const ACTIONS_WITHOUT_KEY: readonly string[] = allActions().flatMap(({ action, on }) =>
  action.startsWith('kms:') && !on.includes('key') && !action.endsWith('CustomKeyStore') ? [action] : [],
)
