/**
 * The signatures that Node does not make, in a thread of their own, because JavaScript takes milliseconds for them. It
 * is started by `signature-thread.ts`, and nothing else knows of these libraries.
 */
import { ed25519ph } from '@noble/curves/ed25519.js'
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js'
import type { KeyObject } from 'node:crypto'
import { parentPort } from 'node:worker_threads'

/** What the thread is asked: to sign with a private key, or to verify with a public one. */
export type Job =
  | { readonly sign: KeyObject; readonly of: Uint8Array; readonly random: Uint8Array }
  | { readonly verify: KeyObject; readonly of: Uint8Array; readonly signature: Uint8Array }

/** What it answers, in the order in which it was asked. */
export type Answer = Uint8Array | boolean | Error

const ML_DSA: ReadonlyMap<string, typeof ml_dsa44> = new Map([
  ['ml-dsa-44', ml_dsa44],
  ['ml-dsa-65', ml_dsa65],
  ['ml-dsa-87', ml_dsa87],
])
const ED25519_BYTES = 64

/** The parameter set of a key; null where it is one of Ed25519. */
function setOf({ asymmetricKeyType: type }: KeyObject): typeof ml_dsa44 | null {
  if (type === 'ed25519') return null
  const set = ML_DSA.get(type ?? '')
  if (set === undefined) throw new Error(`INVARIANT: ${type} is left to OpenSSL`)
  return set
}

function sign(key: KeyObject, of: Uint8Array, random: Uint8Array): Uint8Array {
  const set = setOf(key)
  const seed = key.export({ format: set === null ? 'raw-private' : 'raw-seed' })
  try {
    return set === null ? ed25519ph.sign(of, seed) : signMu(set, seed, of, random)
  } finally {
    seed.fill(0)
    random.fill(0)
  }
}

function signMu(set: typeof ml_dsa44, seed: Uint8Array, mu: Uint8Array, random: Uint8Array): Uint8Array {
  const { secretKey } = set.keygen(seed)
  try {
    return set.internal.sign(mu, secretKey, { externalMu: true, extraEntropy: random })
  } finally {
    secretKey.fill(0)
  }
}

function verify(key: KeyObject, of: Uint8Array, signature: Uint8Array): boolean {
  const set = setOf(key)
  const publicKey = key.export({ format: 'raw-public' })
  if (set !== null) return set.internal.verify(signature, of, publicKey, { externalMu: true })
  // RFC 8032 and FIPS 186-5, and not the laxer rules that the library has for ledgers.
  return signature.length === ED25519_BYTES && ed25519ph.verify(signature, of, publicKey, { zip215: false })
}

function answer(job: Job): Answer {
  try {
    return 'sign' in job ? sign(job.sign, job.of, job.random) : verify(job.verify, job.of, job.signature)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

parentPort?.on('message', (job: Job) => parentPort?.postMessage(answer(job)))
