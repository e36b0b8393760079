import { rootArn } from '../../domain/arn.ts'
import { compilePolicy, type CompiledPolicy } from '../../policy/compile.ts'
import type { ConditionClause, PolicyDocument } from '../../policy/parse/document.ts'
import { parsePolicy } from '../../policy/parse/parse.ts'
import { accountOf } from '../../policy/principal.ts'

/** The unique ids of the principals that a key policy names, by their ARNs, as they were when it was put. */
export type PolicyPrincipals = Readonly<Record<string, string>>

/**
 * The policy of a key that is made without one: the account's own policies decide, and its root user may do all.
 *
 * To the letter as AWS KMS gives it, spaces included.
 */
export function defaultKeyPolicy(account: string): string {
  return `{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "${rootArn(account)}"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}`
}

const overlyPermissive = (part: string, what: string): string =>
  `OverlyPermissiveCondition${part}: Using the ForAllValues set operator with a single-valued condition key matches ` +
  `requests without the specified ${what} or with an unspecified ${what}. To fix, remove ForAllValues.`

/** A key policy may not ask `ForAllValues` of these: it would let pass who gives none (AWS KMS Developer Guide). */
const SINGLE_VALUED_KEYS = [
  { prefix: 'kms:EncryptionContext:', message: overlyPermissive(':EncryptionContext', 'encryption context') },
  { prefix: 'aws:RequestTag/', message: overlyPermissive('', 'tag') },
]

/** Reads a key policy that somebody wants to put on a key. */
export function readKeyPolicy(text: string): { ok: true; document: PolicyDocument } | { ok: false; message: string } {
  const parsed = parsePolicy(text, 'key', { singleValuedKeys: SINGLE_VALUED_KEYS })
  if (parsed.ok) return { ok: true, document: parsed.policy }
  const [{ message, line, column, hint }] = parsed.errors
  return { ok: false, message: `${message} (line ${line}, column ${column})${hint === undefined ? '' : ` ${hint}`}` }
}

/** The users, roles and sessions that a key policy names: each must exist when the policy is put. */
export function principalsIn(document: PolicyDocument): readonly string[] {
  const named = document.statements.flatMap(({ principal }) => principal?.entries ?? [])
  const people = named.filter(({ type, value }) => type === 'AWS' && value !== '*' && accountOf(value) === undefined)
  return [...new Set(people.map(({ value }) => value))]
}

/**
 * Compiles a key policy. A principal that was deleted and made again under the same name is not the one that the
 * policy names: it has another id.
 */
export function compileKeyPolicy(document: PolicyDocument, principals: PolicyPrincipals): CompiledPolicy {
  const statements = document.statements.map((statement) => ({
    ...statement,
    conditions: statement.conditions.map(withoutForeignKeys),
  }))
  return compilePolicy({ ...document, statements }, { resolvePrincipal: (arn) => principals[arn] ?? arn })
}

/** Compiles a policy that a key has: it was read before it was stored. */
export function compileStoredPolicy(text: string, principals: PolicyPrincipals): CompiledPolicy {
  const read = readKeyPolicy(text)
  // Fail closed: a stored policy that cannot be read allows nothing.
  if (!read.ok) throw new Error(`INVARIANT: a stored key policy can be read. ${read.message}`)
  return compileKeyPolicy(read.document, principals)
}

/**
 * The aliases and tags of a key decide in IAM policies only: in its own policy they are never there (AWS KMS
 * Developer Guide, "ABAC for AWS KMS").
 */
function withoutForeignKeys(clause: ConditionClause): ConditionClause {
  const key = clause.key.toLowerCase()
  const isForeign = key === 'kms:resourcealiases' || key.startsWith('aws:resourcetag/')
  return isForeign ? { ...clause, key: `never present in a key policy: ${clause.key}` } : clause
}
