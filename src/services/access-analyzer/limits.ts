import { KEY_POLICY_BYTES } from '../../domain/limits.ts'
import { CONTROL_POLICY_LENGTH } from '../../domain/organization.ts'
import type { LintedKind } from '../../policy/lint/lint.ts'
import { MANAGED_POLICY_SIZE, TRUST_POLICY_SIZE } from '../iam/limits.ts'

/** The longest policy that is looked at, in characters: as long as any can be. */
export const LONGEST_POLICY = KEY_POLICY_BYTES

/** What a list of findings has, unless it is asked for fewer. */
export const FINDINGS_PER_PAGE = 100
export const MOST_FINDINGS_PER_PAGE = 1000

/** How many characters a policy of a kind can have; undefined where that depends on the resource. */
export function quotaOf(kind: LintedKind): number | undefined {
  switch (kind) {
    case 'identity':
    case 'boundary':
    case 'session':
      return MANAGED_POLICY_SIZE
    case 'trust':
      return TRUST_POLICY_SIZE
    case 'key':
      return KEY_POLICY_BYTES
    case 'scp':
    case 'rcp':
      return CONTROL_POLICY_LENGTH
    default:
      return undefined
  }
}
