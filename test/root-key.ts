import type { RootKeyProvider } from '../src/crypto/sealing/keyring.ts'

/** A root key that wraps nothing: what is tested with it lies above it. */
const openRoot: RootKeyProvider = {
  kind: 'test',
  currentRef: () => 'test',
  wrap: async (plaintext) => ({ ref: 'test', blob: Buffer.from(plaintext) }),
  unwrap: async ({ blob }) => Buffer.from(blob),
}

/** What opens a store in a test. */
export const opening = { root: openRoot, deployment: 'deployment', now: 1, mayBegin: () => true }
