import type { WireHandler } from '../../protocol/wire.ts'
import { refusingAnswer } from './refusing.ts'

const LOST = { status: 'not ok', message: 'Another process may serve this by now. Try again.' }

/**
 * What was found while nobody else could change it is still true when it is answered; and what failed because others can
 * is no fault.
 */
export function whileHeld(isHeld: () => boolean, handle: WireHandler): WireHandler {
  return async (request) => {
    if (!isHeld()) return refusingAnswer(request, LOST)
    try {
      const answer = await handle(request)
      if (isHeld()) return answer
    } catch (error) {
      if (isHeld()) throw error
    }
    return refusingAnswer(request, LOST)
  }
}
