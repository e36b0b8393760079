import { setImmediate } from 'node:timers/promises'

/** Lets the event loop go round, so that others have their turn. */
export async function turn(): Promise<void> {
  await setImmediate()
}

/**
 * Work that is done in pieces, between which others have their turn.
 *
 * @param perTurn how many units may be done at once; what a unit is, the work knows
 * @param next waits for the next turn
 * @returns to be told of each piece that was done
 */
export function createPace(perTurn: number, next: () => Promise<void> = turn): (units: number) => Promise<void> {
  let done = 0
  return async (units) => {
    done += units
    if (done < perTurn) return
    done = 0
    await next()
  }
}
