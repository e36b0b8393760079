import { z } from 'zod'
import { AWS_KEY_SPECS, KEY_USAGES } from '../../domain/key-spec.ts'
import { integer, list, pattern, structure, type Complaint } from '../../kernel/parse.ts'

/**
 * The members that operations share, with the limits of AWS's model (AWS KMS API Reference, `service-2.json`).
 * Lengths are in characters for text and in bytes for blobs.
 */

const ALIAS_NAME = pattern('^[a-zA-Z0-9:/_-]+$')
/** AWS's model has no such limits; a key has 50 tags, and more are refused by an error of their own. */
const TAGS_AT_ONCE = 200
/** AWS's model has none here either, and there are 17 grant operations; one may be named twice. */
export const GRANT_OPERATIONS_AT_ONCE = 100
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Bytes, which no message shows. */
const blob = (max: number) =>
  z.string().transform((text, context): Buffer => {
    const complain = (complaint: Complaint, message: string) =>
      context.addIssue({ code: 'custom', message, input: text, params: { complaint } })
    if (!BASE64.test(text)) {
      complain({ kind: 'serialization' }, 'it is not base64')
      return z.NEVER
    }
    const bytes = Buffer.from(text, 'base64')
    const bound = bytes.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${max}`
    if (bytes.length > 0 && bytes.length <= max) return bytes
    complain({ kind: 'constraint', constraint: `Member must have length ${bound}`, secret: true }, bound)
    return z.NEVER
  })

/** Text that no message and no record may show. */
export function secretText(min: number, max: number, model = '[\\s\\S]*') {
  const [matching] = pattern(model)
  return z.string().superRefine((text, context) => {
    const complain = (constraint: string) => {
      const complaint: Complaint = { kind: 'constraint', constraint, secret: true }
      context.addIssue({ code: 'custom', message: constraint, input: null, params: { complaint } })
    }
    if (text.length < min) complain(`Member must have length greater than or equal to ${min}`)
    if (text.length > max) complain(`Member must have length less than or equal to ${max}`)
    if (!matching.test(text)) complain(`Member must satisfy regular expression pattern: ${model}`)
  })
}

export const keyId = z.string().min(1).max(2048)
export const plaintext = blob(4096)
export const message = blob(4096)
export const ciphertext = blob(6144)
export const aliasName = z
  .string()
  .min(1)
  .max(256)
  .regex(...ALIAS_NAME)
export const description = z.string().max(8192)
export const policy = z
  .string()
  .min(1)
  .max(131_072)
  .regex(...pattern('[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+'))
export const policyName = z
  .string()
  .min(1)
  .max(128)
  .regex(...pattern('[\\w]+'))
export const region = z
  .string()
  .min(1)
  .max(32)
  .regex(...pattern('^([a-z]+-){2,3}\\d+$'))
/** The most that an encryption context may hold, in bytes of UTF-8: as much as the AWS Encryption SDK can write. */
const MAX_CONTEXT_BYTES = 65_535
/** Each pair is a condition key of its own. */
const MAX_CONTEXT_PAIRS = 2048

/**
 * A map of text to text with every name it was given: `z.record` leaves `__proto__` out, which would make two contexts
 * one. Half a surrogate pair has no UTF-8, which would as well.
 *
 * Policies are asked about each pair, so that its length is time.
 */
export const encryptionContext = z.unknown().transform((value, context): Readonly<Record<string, string>> => {
  const complain = (complaint: Complaint, message: string) =>
    context.addIssue({ code: 'custom', message, input: value, params: { complaint } })
  if (!isTextMap(value)) {
    complain({ kind: 'serialization' }, 'it is not a map of well-formed text to such text')
    return z.NEVER
  }
  const bytes = Object.entries(value).reduce(
    (sum, [name, text]) => sum + Buffer.byteLength(name) + Buffer.byteLength(text),
    0,
  )
  const pairs = Object.keys(value).length
  if (bytes <= MAX_CONTEXT_BYTES && pairs <= MAX_CONTEXT_PAIRS) return value
  const constraint =
    pairs > MAX_CONTEXT_PAIRS
      ? `Member must have at most ${MAX_CONTEXT_PAIRS} pairs`
      : `Member must have at most ${MAX_CONTEXT_BYTES} bytes in all of its names and values`
  complain({ kind: 'constraint', constraint, secret: true }, constraint)
  return z.NEVER
})
export const grantToken = z.string().min(1).max(8192)
export const grantTokens = list(grantToken, 10)
export const grantId = z.string().min(1).max(128)
export const grantName = z
  .string()
  .min(1)
  .max(256)
  .regex(...ALIAS_NAME)
export const principalId = z
  .string()
  .min(1)
  .max(256)
  .regex(...pattern('^[\\w+=,.@:/-]+$'))
export const encryptionAlgorithm = z.enum(['SYMMETRIC_DEFAULT', 'RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256', 'SM2PKE'])
export const macAlgorithm = z.enum(['HMAC_SHA_224', 'HMAC_SHA_256', 'HMAC_SHA_384', 'HMAC_SHA_512'])
export const signingAlgorithm = z.enum([
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
  'RSASSA_PKCS1_V1_5_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_512',
  'ECDSA_SHA_256',
  'ECDSA_SHA_384',
  'ECDSA_SHA_512',
  'SM2DSA',
  'ML_DSA_SHAKE_256',
  'ED25519_SHA_512',
  'ED25519_PH_SHA_512',
])
export const messageType = z.enum(['RAW', 'DIGEST', 'EXTERNAL_MU'])
export const keyAgreementAlgorithm = z.enum(['ECDH'])
export const encapsulationAlgorithm = z.enum(['ML_KEM'])
/** A public key of another party, in DER. */
export const publicKey = blob(8192)
export const dataKeyPairSpec = z.enum([
  'RSA_2048',
  'RSA_3072',
  'RSA_4096',
  'ECC_NIST_P256',
  'ECC_NIST_P384',
  'ECC_NIST_P521',
  'ECC_SECG_P256K1',
  'ECC_NIST_EDWARDS25519',
])
export const keySpec = z.enum(AWS_KEY_SPECS)
export const keyUsage = z.enum(KEY_USAGES)
export const origin = z.enum(['AWS_KMS', 'EXTERNAL', 'AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE'])
export const numberOfBytes = integer(1, 1024)
export const tagKey = z.string().min(1).max(128)
export const tags = list(structure({ TagKey: tagKey, TagValue: z.string().max(256) }), TAGS_AT_ONCE)
export const tagKeys = list(tagKey, TAGS_AT_ONCE)
export const limit = (max: number) => integer(1, max)
export const marker = z.string().min(1).max(1024)
export const dryRunModifiers = list(z.enum(['IGNORE_CIPHERTEXT']), 10)
export const importToken = blob(6144)
export const encryptedKeyMaterial = blob(6144)
export const keyMaterialId = z
  .string()
  .regex(...pattern('^[a-f0-9]+$'))
  .length(64)
export const keyMaterialDescription = z
  .string()
  .max(256)
  .regex(...pattern('^[a-zA-Z0-9:/_\\s.-]+$'))
/** Whom an answer is encrypted for. The one algorithm need not be said; a document is too long to be shown. */
export const recipient = structure({
  KeyEncryptionAlgorithm: z.enum(['RSAES_OAEP_SHA_256']).optional(),
  AttestationDocument: blob(262_144).optional(),
})

function isTextMap(value: unknown): value is Readonly<Record<string, string>> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false
  return Object.entries(value).every(
    ([name, text]: readonly [string, unknown]) =>
      typeof text === 'string' && name.isWellFormed() && text.isWellFormed(),
  )
}
