import { type Hidden, NOTHING_HIDDEN } from '../../policy/explain/explanation.ts'
import { CALLER_LAYERS } from '../../policy/layers.ts'
import { isNamed } from '../../policy/vocabulary/vocabulary.ts'

/** What follows from a resource and its account: nobody else's to read. */
const OF_RESOURCES = [
  'aws:ResourceOrg*',
  'aws:ResourceTag/*',
  'iam:ResourceTag/*',
  'kms:CustomerMasterKeySpec',
  'kms:CustomerMasterKeyUsage',
  'kms:KeyOrigin',
  'kms:KeySpec',
  'kms:KeyUsage',
  'kms:MultiRegion',
  'kms:MultiRegionKeyType',
  'kms:ResourceAliases',
]

/** What follows from a caller and its account: nobody else's to read. */
const OF_CALLERS = ['aws:PrincipalOrg*', 'aws:PrincipalTag/*']

/** Says whether a condition key, by its lower-case name, tells of what is asked for. */
export function isOfResource(key: string): boolean {
  return OF_RESOURCES.some((pattern) => isNamed(key, pattern))
}

/**
 * What of an explanation an account may not read: of a caller of another account its own side, and of a resource of
 * another account that resource's.
 *
 * @param reader an account; null is whoever runs the server
 * @param owner the account of the resource; null where it has none of its own
 */
export function hiddenFrom(reader: string | null, caller: string, owner: string | null): Hidden {
  if (reader === null || (reader === caller && (owner === null || owner === caller))) return NOTHING_HIDDEN
  if (reader !== caller) {
    return { layers: CALLER_LAYERS, hasKey: (key) => OF_CALLERS.some((pattern) => isNamed(key, pattern)) }
  }
  return { layers: ['rcp', 'vpce', 'resource'], hasKey: isOfResource }
}
