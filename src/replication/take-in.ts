import type { Message } from './message.ts'
import { eventsOf, readSeat, writeStep, type Brought, type Pen } from './seat.ts'
import { receive } from './transitions.ts'

/**
 * Takes in one message.
 *
 * @param brought what came with it; a message brings no more than that, whatever it says
 */
export async function takeIn(pen: Pen, message: Message, brought: Brought, now: number): Promise<void> {
  const before = await readSeat(pen.writes, message.account, message.keyId)
  const step = receive(before, message.to, bringing(message, brought), now)
  const requestId = message.body.type === 'handOff' ? message.body.requestId : undefined
  for (const record of eventsOf(before, step.seat, now, requestId)) await pen.note(record)
  await writeStep(pen, before, step, brought, now)
}

function bringing(message: Message, brought: Brought): Message {
  if (message.body.type !== 'sync') return message
  return { ...message, body: { ...message.body, bring: [...brought.keys()] } }
}
