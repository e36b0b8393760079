import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPair as generate,
  type KeyObject,
} from 'node:crypto'
import pLimit from 'p-limit'

/** Both halves of an asymmetric key, ready to use. */
export interface KeyPair {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** The public half as SubjectPublicKeyInfo in DER (RFC 5280, section 4.1.2.7). */
  readonly spki: Buffer
}

/** Which key pair to make. */
export type KeyPairRecipe =
  | { readonly type: 'rsa'; readonly bits: number }
  | { readonly type: 'ec'; readonly curve: string }
  | { readonly type: 'ed25519' }
  | { readonly type: 'ml-dsa'; readonly set: 44 | 65 | 87 }
  | { readonly type: 'ml-kem'; readonly set: 512 | 768 | 1024 }

/** Half of Node's thread pool: the other half stays free for signatures while RSA keys are made. */
const inLimits = pLimit(2)

/**
 * A new private key, made in the thread pool. One of RSA can take seconds, and waits for its turn; its public exponent
 * is 65537.
 */
export function generatePrivateKey(recipe: KeyPairRecipe): Promise<KeyObject> {
  return recipe.type === 'rsa' ? inLimits(() => generateNow(recipe)) : generateNow(recipe)
}

function generateNow(recipe: KeyPairRecipe): Promise<KeyObject> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, _publicKey: KeyObject, privateKey: KeyObject) =>
      error === null ? resolve(privateKey) : reject(error)
    if (recipe.type === 'rsa') generate('rsa', { modulusLength: recipe.bits }, done)
    else if (recipe.type === 'ec') generate('ec', { namedCurve: recipe.curve }, done)
    else if (recipe.type === 'ed25519') generate('ed25519', {}, done)
    else if (recipe.type === 'ml-dsa') generate(`ml-dsa-${recipe.set}`, {}, done)
    else generate(`ml-kem-${recipe.set}`, {}, done)
  })
}

/** A private key as material: its PKCS#8 in DER (RFC 5958), which for ML-DSA and ML-KEM holds the seed. */
export function materialOfPrivateKey(privateKey: KeyObject): KeyObject {
  const der = privateKey.export({ format: 'der', type: 'pkcs8' })
  const material = createSecretKey(der)
  der.fill(0)
  return material
}

/** Opens a key pair that is kept as material. */
export function openKeyPair(material: KeyObject): KeyPair {
  const der = material.export()
  try {
    return keyPairOf(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }))
  } finally {
    der.fill(0)
  }
}

/** A private key with the public half that follows from it. */
export function keyPairOf(privateKey: KeyObject): KeyPair {
  const publicKey = createPublicKey(privateKey)
  return { privateKey, publicKey, spki: publicKey.export({ format: 'der', type: 'spki' }) }
}
