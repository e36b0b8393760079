/** Work that is counted beforehand, so that no policy makes it long. */
export interface Budget {
  /** Says whether there is room for some more steps, and takes them. */
  take(steps: number): boolean
  /** Whether something was left undone. */
  readonly isSpent: boolean
}

/** A budget of steps: one is about a comparison of two characters. */
export function budgetOf(steps: number): Budget {
  let left = steps
  return {
    take(more) {
      left -= more
      return left >= 0
    },
    get isSpent() {
      return left < 0
    },
  }
}
