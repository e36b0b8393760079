import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** How long a refused body may go on coming, so that its sender lives to read the refusal. */
const LINGER_MS = 1000

/** Whether a request says of itself that its body is longer than so many bytes. */
export function isTooLong({ headers }: IncomingMessage, max: number): boolean {
  return Number(headers['content-length'] ?? 0) > max
}

/** Hands over the whole body, or null as soon as it is too long. A request that breaks off is never handed over. */
export function readBody(request: IncomingMessage, max: number, done: (body: Buffer | null) => void): void {
  const chunks: Buffer[] = []
  let size = 0
  let isRefused = isTooLong(request, max)
  request.on('data', (chunk: Buffer) => {
    if (isRefused) return
    size += chunk.length
    if (size <= max) {
      chunks.push(chunk)
      return
    }
    isRefused = true
    chunks.splice(0)
    done(null)
  })
  request.on('end', () => {
    if (!isRefused) done(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks))
  })
  // A client that goes away in the middle has said nothing.
  request.on('error', () => chunks.splice(0))
  if (isRefused) done(null)
}

/**
 * Says that a body is too long, and ends the connection: when the client has sent all of it, or after a second.
 *
 * What comes meanwhile is dropped. To close at once would reset the connection under a client that is still sending,
 * and many then never read the answer.
 */
export function refuseBody(request: IncomingMessage, response: ServerResponse, max: number): void {
  const message = `The request body is longer than ${max} bytes.`
  const body = JSON.stringify({ __type: 'RequestEntityTooLargeException', message })
  response.writeHead(413, {
    'x-amzn-RequestId': randomUUID(),
    'Content-Type': 'application/x-amz-json-1.1',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  })
  response.write(body)
  const timer = setTimeout(() => response.end(), LINGER_MS)
  request.once('end', () => response.end())
  response.once('close', () => clearTimeout(timer))
}
