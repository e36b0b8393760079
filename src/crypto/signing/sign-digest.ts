import { constants, privateEncrypt, publicDecrypt } from 'node:crypto'
import { signEcdsaDigest, verifyEcdsaDigest } from './ecdsa-digest.ts'
import type { KeyPair } from '../key-pair.ts'
import { encodePkcs1, encodePss, isPssOf } from './rsa-encoding.ts'
import type { SignatureScheme } from './signature-scheme.ts'

/** A scheme that signs a digest. */
export type DigestScheme = Extract<SignatureScheme, { readonly hash: string }>

const RAW = constants.RSA_NO_PADDING

/**
 * Signs what was hashed elsewhere. Node signs only what it hashes itself, so that RSA's encodings are made here.
 *
 * @returns null where ECDSA's digest is nothing but zeros: anybody could forge that signature
 */
export function signDigest({ privateKey }: KeyPair, scheme: DigestScheme, digest: Uint8Array): Buffer | null {
  if (scheme.kind === 'ecdsa') return signEcdsaDigest(privateKey, scheme.hash, digest)
  const bytes = (privateKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8
  const encoded =
    scheme.kind === 'pss' ? encodePss(scheme.hash, digest, bytes) : encodePkcs1(scheme.hash, digest, bytes)
  return privateEncrypt({ key: privateKey, padding: RAW }, encoded)
}

/** Says whether a signature is good for what was hashed elsewhere. One that cannot be read is not. */
export function verifyDigest(pair: KeyPair, scheme: DigestScheme, digest: Uint8Array, signature: Uint8Array): boolean {
  if (scheme.kind === 'ecdsa') return verifyEcdsaDigest(pair.privateKey, scheme.hash, digest, signature)
  const bytes = (pair.publicKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8
  if (signature.length !== bytes) return false
  const encoded = recover(pair, signature)
  if (encoded === null) return false
  if (scheme.kind === 'pss') return isPssOf(scheme.hash, digest, encoded)
  return encodePkcs1(scheme.hash, digest, bytes).equals(encoded)
}

function recover({ publicKey }: KeyPair, signature: Uint8Array): Buffer | null {
  try {
    return publicDecrypt({ key: publicKey, padding: RAW }, signature)
  } catch {
    return null
  }
}
