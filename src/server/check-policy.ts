import { parseArn } from '../domain/arn.ts'
import { type Finding, lintPolicy } from '../policy/lint/lint.ts'
import { lintOptions } from '../services/access-analyzer/lint-options.ts'

/** The kinds of policy that can be checked. */
export const CHECKED_KINDS = ['key', 'identity', 'trust', 'session', 'boundary', 'scp', 'rcp'] as const

type CheckedKind = (typeof CHECKED_KINDS)[number]

/** What was found in a policy. */
export interface CheckedPolicy {
  /** As `ValidatePolicy` answers. */
  readonly findings: readonly Finding[]
  /** For people, a line for each: line, column, type, code and sentence. */
  readonly lines: readonly string[]
  /** Whether anything is an error, or opens more than it should. */
  readonly isBad: boolean
}

/**
 * Looks a policy through, as `ValidatePolicy` does.
 *
 * @param key of a key policy, the ARN of its key
 */
export function checkPolicy(text: string, kind: CheckedKind, key: string | undefined): CheckedPolicy {
  if (key !== undefined) requireKey(kind, key)
  const findings = lintPolicy(text, kind, { ...lintOptions(kind), ...(key !== undefined && { key }) })
  return {
    findings,
    lines: findings.map(lineOf),
    isBad: findings.some(({ findingType }) => findingType === 'ERROR' || findingType === 'SECURITY_WARNING'),
  }
}

/** @throws Error where a text is no ARN of a key, or there is no key */
function requireKey(kind: CheckedKind, key: string): void {
  if (kind !== 'key') throw new Error(`--key goes with --kind key, and not with ${kind}.`)
  const { service, region, account, resource } = parseArn(key) ?? {}
  if (service === 'kms' && region !== '' && account !== '' && resource?.startsWith('key/') === true) return
  throw new Error(`"${key}" is no ARN of a key, such as arn:aws:kms:us-east-1:111122223333:key/mrk-....`)
}

function lineOf({ findingType, issueCode, findingDetails, locations }: Finding): string {
  const { line = 1, column = 0 } = locations[0]?.span.start ?? {}
  return `${line}:${column + 1}: ${findingType} ${issueCode}: ${findingDetails}`
}
