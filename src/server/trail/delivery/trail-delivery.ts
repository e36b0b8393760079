import { createRounds, type DeliverySources } from './rounds.ts'

/** A server that stops waits so long for what it delivers. */
const STOP_MS = 5000

/** What is delivered how often, in milliseconds. */
export interface DeliveryPace {
  readonly filesMs: number
  readonly digestsMs: number
}

/** Delivers trails as long as the server runs. */
export interface DeliveryLoop {
  /** Delivers what is recorded until now, as far as that is done in a few seconds. */
  stop(): Promise<void>
}

/** Starts delivering the trails of every account. */
export function startTrailDelivery(sources: DeliverySources, { filesMs, digestsMs }: DeliveryPace): DeliveryLoop {
  const { global, regions, onError } = sources
  const rounds = createRounds(sources, digestsMs)
  const giveUp = new AbortController()
  let running: Promise<void> | null = null
  let timer: NodeJS.Timeout
  let isStopped = false

  const go = async (): Promise<void> => {
    try {
      await rounds.go(giveUp.signal)
    } catch (error) {
      onError(error, 'deliver trails')
    }
  }
  const wait = (): void => {
    timer = setTimeout(
      () => {
        running = goOn()
      },
      Math.min(filesMs, rounds.restMs()),
    )
  }
  const goOn = async (): Promise<void> => {
    await go()
    if (!isStopped) wait()
  }
  wait()

  return {
    async stop() {
      isStopped = true
      clearTimeout(timer)
      const patience = setTimeout(() => giveUp.abort(), STOP_MS)
      await running
      for (const { audit } of [global, ...regions]) await audit.sync()
      await go()
      clearTimeout(patience)
    },
  }
}
