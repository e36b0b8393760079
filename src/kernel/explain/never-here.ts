import type { Condition } from '../../policy/conditions/condition.ts'
import { isNamed } from '../../policy/vocabulary/vocabulary.ts'

/** What no request to this server has. */
const ABSENT: readonly (readonly [string, string])[] = [
  ['aws:SourceVpc*', 'no request comes through a VPC endpoint to this server'],
  ['aws:VpcSourceIp', 'no request comes through a VPC endpoint to this server'],
  ['aws:MultiFactorAuth*', 'this server has no multi-factor authentication'],
  ['aws:FederatedProvider', 'this server has no web identity providers'],
  ['kms:GrantIsForAWSResource', 'no service of AWS asks for a grant here'],
  ['kms:ViaService', 'no other service uses keys for its users here'],
]

/** Why a condition can never come out otherwise than it does on this server; null where it can. */
export function whyNever({ lowerCaseKey, key }: Pick<Condition, 'lowerCaseKey' | 'key'>): string | null {
  const [, why] = ABSENT.find(([pattern]) => isNamed(lowerCaseKey, pattern)) ?? []
  if (why !== undefined) return why
  return key === asWritten(key) ? null : 'in a key policy the aliases and tags of the key do not count'
}

const IGNORED = 'never present in a key policy: '

/** A condition key as the policy has it. */
export function asWritten(key: string): string {
  return key.startsWith(IGNORED) ? key.slice(IGNORED.length) : key
}
