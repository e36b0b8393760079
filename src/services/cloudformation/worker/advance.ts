import { isBusy, type Stack, type StackStatus } from '../../../domain/stack.ts'
import type { Site } from './bring.ts'
import { make } from './make.ts'
import { cleanUp, removeAll } from './remove.ts'
import { undo } from './undo.ts'
import { StoppedError, type Workshop } from './workshop.ts'

/** What is done to a stack that stands so. Each ends by giving it another status. */
const PHASES: { readonly [Status in StackStatus]?: (site: Site) => Promise<void> } = {
  CREATE_IN_PROGRESS: make,
  ROLLBACK_IN_PROGRESS: removeAll,
  UPDATE_IN_PROGRESS: make,
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: cleanUp,
  UPDATE_ROLLBACK_IN_PROGRESS: undo,
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: cleanUp,
  DELETE_IN_PROGRESS: removeAll,
}

/**
 * Goes on with what is being done to a stack, to its end or until the server stops.
 *
 * Whatever instant it is stopped at, the next call goes on from there: what is to be done is written down before it is
 * begun, and what was done with what it has changed.
 */
export async function advance(shop: Workshop, account: string, id: string): Promise<void> {
  for (;;) {
    const stack = await shop.reads.stack(account, id)
    if (stack === null || !isBusy(stack) || shop.isStopped()) return
    const phase = PHASES[stack.status]
    if (phase === undefined) throw new Error(`INVARIANT: something is done to a stack in ${stack.status}`)
    try {
      await phase(siteOf(shop, stack))
    } catch (error) {
      if (error instanceof StoppedError) return
      throw error
    }
  }
}

function siteOf(shop: Workshop, stack: Stack): Site {
  const { operation } = stack
  if (operation === null) throw new Error('INVARIANT: a stack to which something is done has an operation')
  return { shop, stack, operation }
}
