import pLimit, { type LimitFunction } from 'p-limit'
import { errors } from '../../services/keyspan/errors.ts'

/** Questions of one account that wait for each other. */
const MOST_WAITING = 20

/**
 * The questions of each account, one after the other.
 *
 * They throw ThrottlingException where too many wait.
 */
export function createAccountTurns() {
  const turns = new Map<string, LimitFunction>()
  return async <Answer>(account: string, ask: () => Promise<Answer>): Promise<Answer> => {
    const turn = turns.get(account) ?? pLimit(1)
    turns.set(account, turn)
    if (turn.pendingCount >= MOST_WAITING) {
      throw errors.ThrottlingException(
        `${MOST_WAITING} questions of account ${account} wait for each other. Ask again when some of them are answered.`,
      )
    }
    try {
      return await turn(ask)
    } finally {
      if (turn.activeCount + turn.pendingCount === 0) turns.delete(account)
    }
  }
}
