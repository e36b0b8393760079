import { hash } from 'node:crypto'
import type { RootKeyProvider, RootWrapped } from '../../crypto/sealing/keyring.ts'
import type { Staged } from './keyring-file.ts'

/** The name of what a former root key has wrapped. */
export function stagedName(blob: Uint8Array): string {
  return hash('sha256', blob)
}

/** A root key that also opens, by what was wrapped anew beforehand, what a former one has wrapped. */
export function withStaged(root: RootKeyProvider, staged: Staged): RootKeyProvider {
  const nowOf = (wrapped: RootWrapped): RootWrapped => staged[stagedName(wrapped.blob)] ?? wrapped
  return { ...root, unwrap: (wrapped, about) => root.unwrap(nowOf(wrapped), about) }
}

/** A root key in whose place another can come. */
export interface LiveRoot extends RootKeyProvider {
  readonly roots: () => readonly string[]
  replace(next: RootKeyProvider): void
}

/** One that is this one at first. */
export function liveRoot(first: RootKeyProvider): LiveRoot {
  let root = first
  return {
    get kind() {
      return root.kind
    },
    currentRef: () => root.currentRef(),
    roots: () => root.roots?.() ?? [],
    wrap: (plaintext, about) => root.wrap(plaintext, about),
    unwrap: (wrapped, about) => root.unwrap(wrapped, about),
    replace(next) {
      root = next
    },
  }
}
