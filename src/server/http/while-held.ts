import type { WireHandler } from '../../protocol/wire.ts'
import { refusingAnswer } from './refusing.ts'

const LOST = { status: 'not ok', message: 'Another process may serve this by now. Try again.' }

/** What was found while nobody else could change it is still true when it is answered. */
export function whileHeld(isHeld: () => boolean, handle: WireHandler): WireHandler {
  return async (request) => {
    const answer = isHeld() ? await handle(request) : null
    return answer !== null && isHeld() ? answer : refusingAnswer(request, LOST)
  }
}
