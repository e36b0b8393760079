import type { KeyUsage } from './key-spec.ts'
import { GRANT_CONSTRAINT_CHARACTERS, GRANT_CONSTRAINT_PAIRS } from './limits.ts'

/** Operations that a grant can permit, in the order of AWS's model. */
export const GRANT_OPERATIONS = [
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
  'Sign',
  'Verify',
  'GetPublicKey',
  'CreateGrant',
  'RetireGrant',
  'DescribeKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateMac',
  'VerifyMac',
  'DeriveSharedSecret',
  'Encapsulate',
  'Decapsulate',
] as const

/** An operation that a grant can permit. */
export type GrantOperation = (typeof GRANT_OPERATIONS)[number]

/** Names and values that belong to a ciphertext. */
export type EncryptionContext = Readonly<Record<string, string>>

/** What a request's encryption context must be for a grant to count. */
export interface GrantConstraints {
  /** The whole context must be `pairs`, or contain them. */
  readonly type: 'EncryptionContextEquals' | 'EncryptionContextSubset'
  readonly pairs: EncryptionContext
}

/** Somebody whom a grant names. */
export interface GrantPrincipal {
  /** As it was given, and is shown. */
  readonly arn: string
  readonly kind: 'account' | 'user' | 'role' | 'session' | 'service'
  /**
   * What stays when the name is given to another: a unique id, the ARN of an account's root or a federated user, or the
   * name of a service.
   */
  readonly id: string
}

/** A permission to use one key in one Region, given to one principal. It never expires. */
export interface Grant {
  /** 64 lowercase hex digits. */
  readonly id: string
  /** The account of the key. */
  readonly account: string
  readonly keyId: string
  readonly grantee: GrantPrincipal
  /** Who may end the grant beside those who may always; null for nobody. */
  readonly retiring: GrantPrincipal | null
  /** Each once, in the order in which they were given. */
  readonly operations: readonly GrantOperation[]
  readonly constraints: GrantConstraints | null
  readonly name: string | null
  readonly createdAt: number
  /** The account of whoever created it, which need not be the key's. */
  readonly issuingAccount: string
}

/** What is given away: as much of a grant as one that was made by means of another must keep within. */
export type Delegation = Pick<Grant, 'operations' | 'constraints'>

/** One use of a key that grants are asked about. */
export interface GrantQuestion {
  /** The name behind `kms:`; it need not be an operation that grants know. */
  readonly operation: string
  readonly encryptionContext: EncryptionContext
  /** For CreateGrant, what is to be given away. */
  readonly delegation: Delegation | null
}

const KNOWN: ReadonlySet<string> = new Set(GRANT_OPERATIONS)
const GRANT_ID = /^[0-9a-f]{64}$/
/** The operations to which an encryption context belongs, on symmetric encryption keys. */
const WITH_CONTEXT: ReadonlySet<string> = new Set<GrantOperation>([
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
])
const OF_EVERY_KEY: readonly GrantOperation[] = ['CreateGrant', 'RetireGrant', 'DescribeKey']

/** What an asymmetric or HMAC key's usage adds to the operations of every key. */
const OF_USAGE: Readonly<Record<KeyUsage, readonly GrantOperation[]>> = {
  ENCRYPT_DECRYPT: ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GetPublicKey'],
  SIGN_VERIFY: ['Sign', 'Verify', 'GetPublicKey'],
  KEY_AGREEMENT: ['DeriveSharedSecret', 'GetPublicKey'],
  GENERATE_VERIFY_MAC: ['GenerateMac', 'VerifyMac'],
  ENCAPSULATE_DECAPSULATE: ['Encapsulate', 'Decapsulate', 'GetPublicKey'],
}

/** Says whether grants can permit an operation at all. */
export function isGrantOperation(operation: string): operation is GrantOperation {
  return KNOWN.has(operation)
}

/** Says whether an encryption context belongs to an operation: if not, constraints do not count for it. */
export function takesEncryptionContext(operation: string): boolean {
  return WITH_CONTEXT.has(operation)
}

/** Says whether `text` can be the id of a grant. */
export function isGrantId(text: string): boolean {
  return GRANT_ID.test(text)
}

/**
 * The operations that a grant on a key of that kind can permit.
 *
 * @param key `spec` is any key spec of AWS, whether this server makes such keys or not
 */
export function grantableOperations(key: {
  readonly spec: string
  readonly usage: KeyUsage
}): readonly GrantOperation[] {
  const own = isSymmetricEncryption(key) ? [...WITH_CONTEXT] : OF_USAGE[key.usage]
  return GRANT_OPERATIONS.filter((operation) => OF_EVERY_KEY.includes(operation) || own.includes(operation))
}

/** Why what a grant shall give does not fit its key. */
export type GrantRefusal =
  | 'no-operations'
  | 'only-create-grant'
  | 'operation-not-of-key'
  | 'constraints-not-of-key'
  | 'too-many-pairs'
  | 'value-too-long'

/** Says why a grant on `key` cannot be what is asked for, or null where it can. */
export function refuseGrant(
  { operations, constraints }: Delegation,
  key: { readonly spec: string; readonly usage: KeyUsage },
): GrantRefusal | null {
  if (operations.length === 0) return 'no-operations'
  if (operations.every((operation) => operation === 'CreateGrant')) return 'only-create-grant'
  const possible = grantableOperations(key)
  if (!operations.every((operation) => possible.includes(operation))) return 'operation-not-of-key'
  if (constraints === null) return null
  if (!isSymmetricEncryption(key)) return 'constraints-not-of-key'
  const values = Object.values(constraints.pairs)
  if (values.length > GRANT_CONSTRAINT_PAIRS) return 'too-many-pairs'
  return values.some((value) => value.length > GRANT_CONSTRAINT_CHARACTERS) ? 'value-too-long' : null
}

function isSymmetricEncryption({ spec }: { readonly spec: string }): boolean {
  return spec === 'SYMMETRIC_DEFAULT'
}

/**
 * Says whether a grant permits a use of its key, by a caller who is its grantee.
 *
 * Constraints count for operations to which an encryption context belongs. CreateGrant is permitted only where what
 * is given away keeps within the grant (AWS KMS Developer Guide, "Delegating permission to create a grant").
 *
 * INVARIANT: it is one grant that permits; what several give together is never added up.
 */
export function permits(grant: Grant, { operation, encryptionContext, delegation }: GrantQuestion): boolean {
  if (!isGrantOperation(operation) || !grant.operations.includes(operation)) return false
  if (operation === 'CreateGrant') return delegation !== null && isWithin(delegation, grant)
  return !WITH_CONTEXT.has(operation) || satisfies(encryptionContext, grant.constraints)
}

/** Says whether an encryption context keeps a grant's constraints. Names and values are compared to the letter. */
export function satisfies(context: EncryptionContext, constraints: GrantConstraints | null): boolean {
  if (constraints === null) return true
  const { type, pairs } = constraints
  return contains(context, pairs) && (type === 'EncryptionContextSubset' || sizeOf(context) === sizeOf(pairs))
}

/** Says whether a grant made by means of `parent` gives nothing that `parent` does not. */
export function isWithin(child: Delegation, parent: Delegation): boolean {
  return (
    child.operations.every((operation) => parent.operations.includes(operation)) &&
    isAsStrict(child.constraints, parent.constraints)
  )
}

/** Says whether every encryption context that `child` lets pass, `parent` lets pass as well. */
function isAsStrict(child: GrantConstraints | null, parent: GrantConstraints | null): boolean {
  if (parent === null) return true
  if (child === null || !contains(child.pairs, parent.pairs)) return false
  if (parent.type === 'EncryptionContextSubset') return true
  return child.type === 'EncryptionContextEquals' && sizeOf(child.pairs) === sizeOf(parent.pairs)
}

/** Says whether two grants on one key give the same to the same principals under the same name. */
export function isSameGrant(a: Omit<Grant, 'id' | 'createdAt'>, b: Omit<Grant, 'id' | 'createdAt'>): boolean {
  return (
    a.account === b.account &&
    a.keyId === b.keyId &&
    a.name === b.name &&
    a.issuingAccount === b.issuingAccount &&
    isSamePrincipal(a.grantee, b.grantee) &&
    isSamePrincipal(a.retiring, b.retiring) &&
    a.constraints?.type === b.constraints?.type &&
    isWithin(a, b) &&
    isWithin(b, a)
  )
}

function isSamePrincipal(a: GrantPrincipal | null, b: GrantPrincipal | null): boolean {
  return a?.id === b?.id
}

/** Says whether the principal with that unique id may end a grant by what the grant itself says. */
export function mayRetire({ grantee, retiring, operations }: Grant, id: string): boolean {
  return id === retiring?.id || (id === grantee.id && operations.includes('RetireGrant'))
}

function contains(context: EncryptionContext, pairs: EncryptionContext): boolean {
  return Object.entries(pairs).every(([name, value]) => Object.hasOwn(context, name) && context[name] === value)
}

function sizeOf(context: EncryptionContext): number {
  return Object.keys(context).length
}
