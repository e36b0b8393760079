import { request as requestPlain, type IncomingMessage } from 'node:http'
import { request as requestSecure } from 'node:https'
import { readSome } from '../read-stream.ts'
import { reasonOf } from '../system-errors.ts'
import { signedHeaders, type Message } from './message.ts'
import type { Webhook } from './read-alarms.ts'
import { MOST_ANSWER, quoted, SendError } from './send-error.ts'

/** Posts a message, signed. Any answer of 2xx takes it; a redirect is an answer, and is not followed. */
export async function postWebhook({ url, secrets }: Webhook, message: Message, signal: AbortSignal): Promise<string> {
  try {
    const answer = await post(url, message.body, signedHeaders(message, secrets, Date.now()), signal)
    const status = answer.statusCode ?? 0
    const text = await readSome(answer as AsyncIterable<Buffer>, MOST_ANSWER)
    if (status >= 200 && status < 300) return String(status)
    throw new SendError(`${url.origin} has answered ${status}${quoted(text)}`)
  } catch (error) {
    if (error instanceof SendError) throw error
    // A path can be a secret of its own.
    throw new SendError(`${url.origin} cannot be reached: ${whyNot(error, signal)}`, { cause: error })
  }
}

function whyNot(error: unknown, { reason }: AbortSignal): string {
  const isLate = reason instanceof DOMException && reason.name === 'TimeoutError'
  return isLate ? 'it has not answered in time' : reasonOf(error)
}

function post(
  url: URL,
  body: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? requestSecure : requestPlain
  return new Promise((resolve, reject) => {
    const posting = request(url, {
      method: 'POST',
      signal,
      // A connection that was kept may be dead by the time of the next alarm.
      agent: false,
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'Keyspan',
      },
    })
    posting.on('response', resolve)
    posting.on('error', reject)
    posting.end(body)
  })
}
