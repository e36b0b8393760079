import { rootArn } from '../domain/arn.ts'
import { compilePolicy, type CompiledPolicy } from '../policy/compile.ts'
import { parsePolicy } from '../policy/parse.ts'

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

/** Reads a key policy that somebody wants to put on a key. */
export function readKeyPolicy(text: string): { ok: true; policy: CompiledPolicy } | { ok: false; message: string } {
  const parsed = parsePolicy(text, 'key')
  if (parsed.ok) return { ok: true, policy: compilePolicy(parsed.policy) }
  const [first] = parsed.errors
  if (first === undefined) return { ok: false, message: 'The policy cannot be read.' }
  return { ok: false, message: `${first.message} (line ${first.line}, column ${first.column})` }
}

/** Compiles a policy that a key has: it was read before it was stored. */
export function compileKeyPolicy(text: string): CompiledPolicy {
  const read = readKeyPolicy(text)
  // Fail closed: a stored policy that cannot be read allows nothing.
  if (!read.ok) throw new Error(`INVARIANT: a stored key policy can be read. ${read.message}`)
  return read.policy
}
