import { z } from 'zod'
import { signDigest, verifyDigest } from '../../../crypto/signing/sign-digest.ts'
import { signMessage, verifyMessage } from '../../../crypto/signing/sign-message.ts'
import { signatureScheme, type SignatureScheme } from '../../../crypto/signing/signature-scheme.ts'
import { signInThread, verifyInThread } from '../../../crypto/signing/signature-thread.ts'
import { common } from '../../../kernel/errors.ts'
import type { KeySnapshot } from '../../../kernel/keys/snapshot.ts'
import { requireState, requireUse, workingKey } from '../requirements.ts'
import * as shape from '../shapes.ts'
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

/** What each kind of signature can be of. */
const TYPES: Readonly<Record<SignatureScheme['kind'], readonly Input['MessageType'][]>> = {
  pkcs1: ['RAW', 'DIGEST'],
  pss: ['RAW', 'DIGEST'],
  ecdsa: ['RAW', 'DIGEST'],
  ed25519: ['RAW'],
  ed25519ph: ['DIGEST'],
  'ml-dsa': ['RAW', 'EXTERNAL_MU'],
}

/** Refuses a key, an algorithm, or a message of a type or length that does not go with them. */
export function requireSigning(operation: 'Sign' | 'Verify', input: Input, key: KeySnapshot): void {
  const { Message, MessageType, SigningAlgorithm } = input
  requireState(operation, key)
  requireUse(operation, key, 'SIGN_VERIFY', SigningAlgorithm)
  const scheme = signatureScheme(SigningAlgorithm)
  if (MessageType === 'EXTERNAL_MU' && scheme.kind !== 'ml-dsa') {
    throw common.ValidationException(`Message type ${MessageType} is incompatible with key spec ${key.record.spec}.`)
  }
  if (!TYPES[scheme.kind].includes(MessageType)) {
    throw common.ValidationException(`MessageType ${MessageType} is not valid for algorithm ${SigningAlgorithm}.`)
  }
  if (MessageType !== 'RAW' && 'bytes' in scheme && Message.length !== scheme.bytes) {
    throw common.ValidationException(`Digest is invalid length for algorithm ${SigningAlgorithm}.`)
  }
}

/** Signs a message, or what was hashed elsewhere. */
export async function signWith(key: KeySnapshot, { Message, MessageType, SigningAlgorithm }: Input): Promise<Buffer> {
  const { pair } = workingKey(key)
  const scheme = signatureScheme(SigningAlgorithm)
  // Of Ed25519ph, too, it is a message: AWS hashes the digest that it is given once more.
  if (scheme.kind === 'ed25519ph' || MessageType === 'EXTERNAL_MU') return signInThread(pair, Message)
  if (MessageType === 'RAW' || !('hash' in scheme)) return signMessage(pair, scheme, Message)
  const signature = signDigest(pair, scheme, Message)
  if (signature !== null) return signature
  throw common.ValidationException('A digest of nothing but zeros is not signed: its signature could be forged.')
}

/** Says whether a signature of a message, or of what was hashed elsewhere, is good. */
export async function verifyWith(key: KeySnapshot, input: Input, signature: Uint8Array): Promise<boolean> {
  const { Message, MessageType, SigningAlgorithm } = input
  const { pair } = workingKey(key)
  const scheme = signatureScheme(SigningAlgorithm)
  if (scheme.kind === 'ed25519ph' || MessageType === 'EXTERNAL_MU') return verifyInThread(pair, Message, signature)
  if (MessageType === 'RAW' || !('hash' in scheme)) return verifyMessage(pair, scheme, Message, signature)
  return verifyDigest(pair, scheme, Message, signature)
}
