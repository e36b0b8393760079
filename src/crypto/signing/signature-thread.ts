import { randomBytes } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import type { KeyPair } from '../key-pair.ts'
import type { Answer, Job } from './signature-worker.ts'

/**
 * Signs what Node does not sign: with a key of Ed25519, a message by Ed25519ph (RFC 8032); with one of ML-DSA, the
 * representative μ of a message, of 64 bytes, that was made elsewhere (FIPS 204, algorithm 7 from line 7). Contexts are
 * empty. The thread is given a handle of the private key, and takes the seed from it only while it signs.
 *
 * @param random - what hedges a signature by ML-DSA, 32 bytes; it is wiped
 */
export async function signInThread({ privateKey }: KeyPair, of: Uint8Array, random = randomBytes(32)): Promise<Buffer> {
  const signature = ask<Uint8Array>({ sign: privateKey, of, random })
  random.fill(0)
  return Buffer.from(await signature)
}

/** Says whether a signature of that kind is good. One that cannot be read is not. */
export function verifyInThread({ publicKey }: KeyPair, of: Uint8Array, signature: Uint8Array): Promise<boolean> {
  return ask<boolean>({ verify: publicKey, of, signature })
}

interface Thread {
  readonly worker: Worker
  /** Who waits: the first for the next answer. */
  readonly waiting: ((answer: Answer) => void)[]
}

/** The thread, from its first use on. One that has failed is followed by another. */
let current: Thread | null = null

function ask<Expected extends Answer>(job: Job): Promise<Expected> {
  const { worker, waiting } = (current ??= start())
  return new Promise((resolve, reject) => {
    worker.postMessage(job)
    waiting.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer as Expected)))
    // It keeps the process alive only while somebody waits.
    worker.ref()
  })
}

/** The thread's file is beside this one, and ends as it does: `.ts` in the sources, `.cjs` in the bundle. */
const WORKER = new URL(`signature-worker${/\.\w+$/.exec(import.meta.url)?.[0]}`, import.meta.url)

function start(): Thread {
  const thread: Thread = { worker: new Worker(WORKER), waiting: [] }
  const { worker, waiting } = thread
  worker.on('message', (answer: Answer) => {
    waiting.shift()?.(answer)
    if (waiting.length === 0) worker.unref()
  })
  worker.on('error', (error) => {
    if (current === thread) current = null
    const failure = new Error('The thread that signs has failed.', { cause: error })
    for (const each of waiting.splice(0)) each(failure)
  })
  return thread
}
