import type { Logger } from 'pino'
import { NewLifeError } from '../../replication/signed.ts'
import { PeerError } from '../peers/peer-error.ts'
import type { Telling } from './replication-loop.ts'

/** That a peer is away says all by itself. */
export function tellRetry(log: Logger): (error: unknown, what: string) => void {
  return (error, what) => {
    if (error instanceof NewLifeError) tellNewLife(log, error, what)
    else log.warn(error instanceof PeerError ? { what, reason: error.message } : { err: error, what }, 'will retry')
  }
}

/** What is told of what does not go on at once. @param retry of what is tried again */
export function telling(retry: Telling['retry'], log: Logger): Telling {
  return {
    retry,
    alarm(error, what) {
      if (error instanceof NewLifeError) tellNewLife(log, error, what)
      else log.error({ err: error, what }, 'a key cannot go on')
    },
  }
}

/** Nobody has to do anything: Regions go on by themselves with one that was put back. */
function tellNewLife(log: Logger, { message }: NewLifeError, what: string): void {
  log.info({ what, reason: message }, 'a Region has begun again')
}
