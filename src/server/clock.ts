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

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
/** A hundred years, in milliseconds: far enough for every window and period that there is. */
export const LONGEST = 36_525 * UNITS.d

/** Reads a duration such as `30d`, `12h`, `5m` or `90s`, in milliseconds; null where it is none. */
export function parseDuration(text: string): number | null {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  if (amount === undefined || unit === undefined) return null
  const milliseconds = Number(amount) * UNITS[unit as keyof typeof UNITS]
  return milliseconds > 0 && milliseconds <= LONGEST ? milliseconds : null
}
