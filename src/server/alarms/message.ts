import { createHmac, type KeyObject } from 'node:crypto'
import { sentenceOf, type AlarmEvent } from './event.ts'

/** What a target is told. */
export interface Message {
  /** The same each time that it is sent. */
  readonly id: string
  /** One sentence, for people. */
  readonly text: string
  /** JSON. */
  readonly body: string
}

/** The message of an event that has rung alarms. */
export function messageOf(event: AlarmEvent, alarms: readonly string[]): Message {
  const text = sentenceOf(event)
  const body = JSON.stringify({ type: 'keyspan.alarm', timestamp: event.time, alarms, text, data: event })
  return { id: event.id, text, body }
}

/**
 * The headers that say who sends a message, and when (Standard Webhooks, "Signature scheme"): a signature by each secret.
 *
 * @param now in milliseconds
 */
export function signedHeaders(
  { id, body }: Message,
  secrets: readonly KeyObject[],
  now: number,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1000))
  const signatures = secrets.map((secret) => {
    const mac = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')
    return `v1,${mac}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}
