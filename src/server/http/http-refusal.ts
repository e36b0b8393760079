import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { WireResponse } from '../../protocol/wire.ts'
import type { BodyRefusal } from './http-body.ts'

/** How long a refused body may go on coming, so that its sender lives to read the refusal. */
const LINGER_MS = 1000

/** An error that is not the protocols' own, in the shape that most clients read. */
export function plainError(status: number, code: string, message: string, requestId: string): WireResponse {
  return {
    status,
    headers: { 'x-amzn-RequestId': requestId, 'Content-Type': 'application/x-amz-json-1.1' },
    body: JSON.stringify({ __type: code, message }),
  }
}

/** What a client is told whose body is not read. */
export function bodyRefused(refusal: BodyRefusal, longest: number): WireResponse {
  if (refusal === 'too-long') {
    const message = `The request body is longer than ${longest} bytes.`
    return plainError(413, 'RequestEntityTooLargeException', message, randomUUID())
  }
  const message = 'The server holds too many requests that have not come in whole. Send it again.'
  const busy = plainError(503, 'ServiceUnavailableException', message, randomUUID())
  return { ...busy, headers: { ...busy.headers, 'Retry-After': '1' } }
}

/**
 * Answers before the body has come, and ends the connection: when the client has sent all of it, or after a second.
 *
 * What comes meanwhile is dropped. To close at once would reset the connection under a client that is still sending,
 * and many then never read the answer.
 */
export function refuseEarly(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: WireResponse,
): void {
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' })
  response.write(body)
  const timer = setTimeout(() => response.end(), LINGER_MS)
  request.once('end', () => response.end())
  response.once('close', () => clearTimeout(timer))
  request.resume()
}
