/** The server's clock. In development mode it can be moved forward, and every timer of the server obeys it. */
export interface Clock {
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly offset: () => number
  /** @param milliseconds positive; a clock that goes back would undo what has happened */
  advance(milliseconds: number): void
}

/** A clock that is `offset` milliseconds ahead of the machine's. */
export function createClock(offset: number): Clock {
  let ahead = offset
  return {
    now: () => Date.now() + ahead,
    offset: () => ahead,
    advance(milliseconds) {
      ahead += milliseconds
    },
  }
}
