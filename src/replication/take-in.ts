import type { Region } from '../domain/region.ts'
import { isGoverning, type Step } from './governing.ts'
import { disown, isGone } from './lives.ts'
import type { Message } from './message.ts'
import { forget, withoutGone } from './recovery.ts'
import { eventsOf, readSeat, writeStep, type Brought, type Pen } from './seat.ts'
import { receive } from './transitions.ts'

/**
 * Takes in one message.
 *
 * @param brought what came with it; a message brings no more than that, whatever it says
 */
export async function takeIn(pen: Pen, message: Message, brought: Brought, now: number): Promise<void> {
  const before = await readSeat(pen.writes, message.account, message.keyId)
  const heard = receive(before, message.to, bringing(message, brought), now)
  const gone = isGoverning(before.key) ? [] : await goneOf(pen.writes, heard)
  const step = withoutGone(before, heard, gone, (seat, region) => forget(seat, region, now))
  if (message.body.type === 'recall' && message.body.without !== undefined) {
    await disown(pen.writes, message.body.without)
  }
  const requestId = message.body.type === 'handOff' ? message.body.requestId : undefined
  for (const record of eventsOf(before, step.seat, now, requestId)) await pen.note(record)
  await writeStep(pen, before, step, brought, now)
}

/** The members that somebody has declared to be gone. */
async function goneOf(reads: Pen['writes'], { seat: { key } }: Step): Promise<readonly Region[]> {
  const members = Object.keys(key?.family?.authority?.members ?? {})
  const gone = await Promise.all(members.map((region) => isGone(reads, region)))
  return members.filter((_, index) => gone[index] === true)
}

function bringing(message: Message, brought: Brought): Message {
  if (message.body.type !== 'sync' && message.body.type !== 'standing') return message
  return { ...message, body: { ...message.body, bring: [...brought.keys()] } }
}
