import { z } from 'zod'
import { signDigest, verifyDigest } from '../../crypto/sign-digest.ts'
import { signMessage, verifyMessage } from '../../crypto/sign-message.ts'
import { signatureScheme } from '../../crypto/signature-scheme.ts'
import { common } from '../../kernel/errors.ts'
import type { KeySnapshot } from '../../kernel/key-snapshot.ts'
import { errors } from './errors.ts'
import { requireState, requireUse, workingKey } from './requirements.ts'
import * as shape from './shapes.ts'
import { useInput } from './use.ts'

/** What Sign and Verify take. */
export const signingInput = z.object({
  ...useInput,
  Message: shape.message,
  MessageType: shape.messageType.default('RAW'),
  SigningAlgorithm: shape.signingAlgorithm,
})
type Input = z.infer<typeof signingInput>

/** What a signature tells a policy. */
export function signingContext({ MessageType, SigningAlgorithm }: Input): Readonly<Record<string, string>> {
  return { 'kms:MessageType': MessageType, 'kms:SigningAlgorithm': SigningAlgorithm }
}

/** Refuses a key, an algorithm, or a message of a type that does not go with them. */
export function requireSigning(operation: 'Sign' | 'Verify', input: Input, key: KeySnapshot): void {
  const { Message, MessageType, SigningAlgorithm } = input
  requireState(operation, key)
  if (SigningAlgorithm === 'ED25519_PH_SHA_512' && key.record.spec === 'ECC_NIST_EDWARDS25519') {
    throw errors.UnsupportedOperationException(
      'ED25519_PH_SHA_512 is not supported by this server. Use ED25519_SHA_512 with MessageType RAW.',
    )
  }
  requireUse(operation, key, 'SIGN_VERIFY', SigningAlgorithm)
  const scheme = signatureScheme(SigningAlgorithm)
  if (MessageType === 'RAW') return
  if (MessageType === 'EXTERNAL_MU' && SigningAlgorithm === 'ML_DSA_SHAKE_256') {
    throw errors.UnsupportedOperationException(
      'MessageType EXTERNAL_MU is not supported by this server. Use MessageType RAW: the signatures are of one kind.',
    )
  }
  if (MessageType === 'EXTERNAL_MU' || scheme.kind === 'pure') {
    throw common.ValidationException(`MessageType ${MessageType} is not valid for algorithm ${SigningAlgorithm}.`)
  }
  if (Message.length !== scheme.bytes) {
    throw common.ValidationException(`Digest is invalid length for algorithm ${SigningAlgorithm}.`)
  }
}

/** Signs a message, or what was hashed elsewhere. */
export async function signWith(key: KeySnapshot, { Message, MessageType, SigningAlgorithm }: Input): Promise<Buffer> {
  const { pair } = workingKey(key)
  const scheme = signatureScheme(SigningAlgorithm)
  if (MessageType === 'RAW' || scheme.kind === 'pure') return signMessage(pair, scheme, Message)
  const signature = signDigest(pair, scheme, Message)
  if (signature !== null) return signature
  throw common.ValidationException('A digest of nothing but zeros is not signed: its signature could be forged.')
}

/** Says whether a signature of a message, or of what was hashed elsewhere, is good. */
export async function verifyWith(key: KeySnapshot, input: Input, signature: Uint8Array): Promise<boolean> {
  const { Message, MessageType, SigningAlgorithm } = input
  const { pair } = workingKey(key)
  const scheme = signatureScheme(SigningAlgorithm)
  if (MessageType === 'RAW' || scheme.kind === 'pure') return verifyMessage(pair, scheme, Message, signature)
  return verifyDigest(pair, scheme, Message, signature)
}
