import {
  constants,
  sign,
  verify,
  type KeyObject,
  type SignKeyObjectInput,
  type VerifyKeyObjectInput,
} from 'node:crypto'
import type { KeyPair } from '../key-pair.ts'
import { inThreadPool } from '../thread-pool.ts'
import type { SignatureScheme } from './signature-scheme.ts'

/** A scheme that signs a message. */
export type MessageScheme = Exclude<SignatureScheme, { readonly kind: 'ed25519ph' }>

/** Signs a message. In the thread pool, but for keys that are quicker than the way there. */
export function signMessage(pair: KeyPair, scheme: MessageScheme, message: Uint8Array): Buffer | Promise<Buffer> {
  const hash = hashOf(scheme)
  const key: SignKeyObjectInput = { key: pair.privateKey, ...optionsOf(pair.privateKey, scheme) }
  if (isQuick(pair.privateKey)) return sign(hash, message, key)
  return inThreadPool((done) => sign(hash, message, key, done))
}

/** Says whether a signature of a message is good. One that cannot be read is not. */
export function verifyMessage(
  pair: KeyPair,
  scheme: MessageScheme,
  message: Uint8Array,
  signature: Uint8Array,
): boolean | Promise<boolean> {
  const hash = hashOf(scheme)
  const key: VerifyKeyObjectInput = { key: pair.publicKey, ...optionsOf(pair.publicKey, scheme) }
  if (isQuick(pair.publicKey) || pair.publicKey.asymmetricKeyType === 'rsa')
    return verify(hash, message, key, signature)
  return inThreadPool((done) => verify(hash, message, key, signature, done))
}

function hashOf(scheme: MessageScheme): string | null {
  return 'hash' in scheme ? scheme.hash : null
}

/** Ed25519 and P-256 take some 30 µs; every other key takes longer than a hop to another thread. */
function isQuick({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  return asymmetricKeyType === 'ed25519' || asymmetricKeyDetails?.namedCurve === 'prime256v1'
}

function optionsOf({ asymmetricKeyType }: KeyObject, scheme: MessageScheme) {
  if (asymmetricKeyType === 'ec') return { dsaEncoding: 'der' } as const
  if (scheme.kind === 'pkcs1') return { padding: constants.RSA_PKCS1_PADDING }
  return scheme.kind === 'pss' ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: scheme.bytes } : {}
}
