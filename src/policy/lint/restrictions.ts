import type { Operator } from '../conditions/operator.ts'
import { readNetwork } from '../conditions/ip-address.ts'

/** The beginnings of keys that say for whom a service acts; in lower case. */
export const SOURCE_KEYS: readonly string[] = [
  'aws:sourcearn',
  'aws:sourceaccount',
  'aws:sourceorgid',
  'aws:sourceorgpaths',
  'kms:calleraccount',
  'kms:encryptioncontext:aws:',
]

/** Keys that the caller cannot choose freely, each value of which stands for somebody (Amazon S3 User Guide, "The meaning of public"). */
const TEXT_KEYS: ReadonlySet<string> = new Set([
  'aws:principalaccount',
  'aws:principalorgid',
  'aws:sourceaccount',
  'aws:sourceorgid',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:userid',
  'kms:calleraccount',
])
const ARN_KEYS: ReadonlySet<string> = new Set(['aws:principalarn', 'aws:sourcearn'])
const PATH_KEYS: ReadonlySet<string> = new Set(['aws:principalorgpaths', 'aws:sourceorgpaths'])

/** The widest networks that are somebody's: a sixteenth of all IPv4 addresses is not. */
const WIDEST_V4 = 8
const WIDEST_V6 = 32

interface Clause {
  readonly operator: Operator | undefined
  readonly key: string
  readonly values: readonly { readonly text: string }[]
}

/**
 * Whether a condition lets in nobody but callers whom its values name.
 *
 * It must be positive, ask for the key to be there, and have no value that strangers can have: a wildcard or variable
 * is taken for one, but behind the organization of a path, and in an ARN behind the account.
 */
export function restrictsCaller({ operator, key, values }: Clause): boolean {
  if (operator === undefined || operator.negated || operator.ifExists || operator.quantifier === 'all') return false
  const name = key.toLowerCase()
  const { family, comparison, quantifier } = operator
  if (PATH_KEYS.has(name)) {
    return quantifier === 'any' && family === 'string' && values.every(({ text }) => /^o-[a-z0-9]+\//.test(text))
  }
  if (quantifier !== 'one') return false
  if (name === 'aws:sourceip') return family === 'ip-address' && values.every(({ text }) => isNarrow(text))
  if (ARN_KEYS.has(name) && (family === 'arn' || comparison === 'equals')) {
    return (family === 'arn' || family === 'string') && values.every(({ text }) => hasAccount(text))
  }
  return TEXT_KEYS.has(name) && family === 'string' && values.every(({ text }) => isFixed(text))
}

function isFixed(text: string): boolean {
  return !/[*?]|\$\{/.test(text)
}

/** Whether an ARN pattern is of one account: no wildcard up to it lets in another. */
function hasAccount(text: string): boolean {
  const parts = text.split(':')
  return parts.length >= 6 && isFixed(parts.slice(0, 5).join(':')) && /^\d{12}$/.test(parts[4] ?? '')
}

function isNarrow(text: string): boolean {
  const network = readNetwork(text)
  return network !== undefined && network.bits >= (network.groups.length === 2 ? WIDEST_V4 : WIDEST_V6)
}
