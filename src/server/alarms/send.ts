import type { Logger } from 'pino'
import type { Message } from './message.ts'
import type { Target } from './read-alarms.ts'
import { runProgram } from './run-program.ts'
import { postWebhook } from './post-webhook.ts'

/**
 * Tells a target something. Resolves with what came back, such as `200`.
 *
 * @throws SendError, with a sentence that can be logged
 */
export type Send = (message: Message, signal: AbortSignal) => Promise<string>

/** How a target is told. */
export function senderFor({ to, timeout }: Target, log: Logger): Send {
  const within = (signal: AbortSignal) => AbortSignal.any([signal, AbortSignal.timeout(timeout)])
  switch (to.kind) {
    case 'webhook':
      return (message, signal) => postWebhook(to, message, within(signal))
    case 'command':
      return (message, signal) => runProgram(to, message, within(signal))
    case 'log':
      return async ({ id, text, body }) => {
        log.warn({ id, ...(JSON.parse(body) as object) }, `ALARM: ${text}`)
        return 'logged'
      }
  }
}
