import { z } from 'zod'
import type { WrappingAlgorithm } from '../../../crypto/import.ts'
import { generatePrivateKey, keyPairOf } from '../../../crypto/key-pair.ts'
import { isAsymmetric, type KeySpec } from '../../../domain/key-spec.ts'
import { DAY_MS } from '../../../domain/limits.ts'
import { common } from '../../../kernel/errors.ts'
import type { KeySnapshot } from '../../../kernel/keys/snapshot.ts'
import { writeOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { requireImporting } from '../keys/imports.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:GetParametersForImport'
const find = findKeyToManage(ACTION)

const input = z.object({
  KeyId: shape.keyId,
  WrappingAlgorithm: z.enum([
    'RSAES_PKCS1_V1_5',
    'RSAES_OAEP_SHA_1',
    'RSAES_OAEP_SHA_256',
    'RSA_AES_KEY_WRAP_SHA_1',
    'RSA_AES_KEY_WRAP_SHA_256',
    'SM2PKE',
  ]),
  WrappingKeySpec: z.enum(['RSA_2048', 'RSA_3072', 'RSA_4096', 'SM2']),
})

const BITS = { RSA_2048: 2048, RSA_3072: 3072, RSA_4096: 4096 } as const

/**
 * Gives a public key under which to wrap material for a key, and the token that goes with it.
 *
 * Both are for that key in that Region, and for 24 hours, in which they can be used more than once.
 */
export const GetParametersForImport = writeOperation({
  name: 'GetParametersForImport',
  errors: [
    errors.InvalidArnException,
    errors.KMSInvalidStateException,
    errors.NotFoundException,
    errors.UnsupportedOperationException,
  ],
  input,
  load: ({ KeyId }, call, reads) => find(KeyId, call, reads),
  requires: ({ WrappingAlgorithm, WrappingKeySpec }, key, { region }) => [
    need(ACTION, key, region, { 'kms:WrappingAlgorithm': WrappingAlgorithm, 'kms:WrappingKeySpec': WrappingKeySpec }),
  ],
  // An RSA key can take seconds, in which the Region's store must stay free for others.
  async ahead(given, key) {
    requireImporting('GetParametersForImport', key)
    const { bits } = requireWrapping(given, key)
    return generatePrivateKey({ type: 'rsa', bits })
  },
  async run(given, key, { now }, { writes, vault, random }, privateKey) {
    requireImporting('GetParametersForImport', key)
    const { algorithm } = requireWrapping(given, key)
    const { account, id } = key.record
    const job = random(16).toString('hex')
    const expiresAt = now + DAY_MS
    await writes.putImportJob({
      id: job,
      account,
      keyId: id,
      wrapped: vault.importTokens.wrapKey(job, privateKey),
      expiresAt,
    })
    return {
      KeyId: key.arn,
      ImportToken: vault.importTokens.seal(key.record, { job, algorithm, expiresAt }),
      PublicKey: keyPairOf(privateKey).spki,
      ParametersValidTo: new Date(expiresAt),
    }
  },
  record: (given, key) => recordOf(given, [key]),
})

/** Refuses what AWS does not offer, not together, or not for that key (AWS KMS API Reference, GetParametersForImport). */
function requireWrapping(
  { WrappingAlgorithm: algorithm, WrappingKeySpec: wrapping }: z.infer<typeof input>,
  { record: { spec } }: KeySnapshot,
): { algorithm: WrappingAlgorithm; bits: number } {
  if (algorithm === 'SM2PKE' || wrapping === 'SM2') {
    throw errors.UnsupportedOperationException('SM2 is only offered in China Regions. Use an RSA wrapping key.')
  }
  if (algorithm !== 'RSAES_PKCS1_V1_5' && isSuited(algorithm, wrapping, spec)) {
    return { algorithm, bits: BITS[wrapping] }
  }
  throw common.ValidationException(
    `Wrapping algorithm ${algorithm} and wrapping key spec ${wrapping} cannot be used to import a ${spec} key.`,
  )
}

/** An RSA private key is too long to be wrapped directly, as is that of P-521 under RSA_2048. */
function isSuited(algorithm: WrappingAlgorithm, wrapping: keyof typeof BITS, spec: KeySpec): boolean {
  if (!algorithm.startsWith('RSAES_')) return isAsymmetric(spec)
  return !spec.startsWith('RSA_') && !(spec === 'ECC_NIST_P521' && wrapping === 'RSA_2048')
}
