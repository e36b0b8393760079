/** Those who hear of each commit of a store. */
export interface CommitListeners<Commit> {
  readonly add: (listener: (commit: Commit) => unknown) => void
  /** Tells all of them; null where none of them has anything to wait for. */
  tell(commit: Commit): Promise<unknown> | null
}

export function createCommitListeners<Commit>(): CommitListeners<Commit> {
  const listeners: ((commit: Commit) => unknown)[] = []
  return {
    add: (listener) => void listeners.push(listener),
    tell(commit) {
      const waits = listeners.map((listener) => listener(commit)).filter((each) => each instanceof Promise)
      return waits.length === 0 ? null : Promise.all(waits)
    },
  }
}
