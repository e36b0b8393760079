import { KeyringError, type RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import { liveRoot } from './staged-root.ts'

/** How soon it is looked again for another root key, in milliseconds. */
const AGAIN_MS = 1000

/**
 * A root key that another process may change. What does not open with it opens with the one that is there by then.
 *
 * @param reopen opens what is there now
 */
export function renewedRoot(first: RootKeyProvider, reopen: () => Promise<RootKeyProvider>): RootKeyProvider {
  const root = liveRoot(first)
  const unwrap = root.unwrap.bind(root)
  let looking: Promise<void> | null = null
  let lookedAt = -Infinity

  /** Looks for another one, once for all who need it. */
  async function look(): Promise<void> {
    if (looking === null && performance.now() - lookedAt < AGAIN_MS) return
    looking ??= replace()
    await looking
  }
  async function replace(): Promise<void> {
    try {
      root.replace(await reopen())
    } finally {
      lookedAt = performance.now()
      looking = null
    }
  }
  return Object.assign(root, {
    async unwrap(...wrapped: Parameters<RootKeyProvider['unwrap']>) {
      try {
        return await unwrap(...wrapped)
      } catch (error) {
        if (!(error instanceof KeyringError)) throw error
        await look()
        return unwrap(...wrapped)
      }
    },
  } satisfies Partial<RootKeyProvider>)
}
