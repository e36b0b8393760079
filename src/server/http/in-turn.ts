import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** How many requests of a connection wait for the one before them; one with more has lost its connection. */
const MOST_WAITING = 16

/** What HTTP says of a request that Node could not read, by the code of the error: 400 if it is none of these. */
const STATUS: ReadonlyMap<string | undefined, string> = new Map([
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', '413 Payload Too Large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
])

/** Takes a request; `proceed` is called before its body is read. */
export type Receive = (request: IncomingMessage, response: ServerResponse, proceed: () => void) => Promise<void>

/** What a connection has sent. */
interface Sent {
  /** The answer to the newest request. */
  newest: ServerResponse
  waiting: number
}

/**
 * Takes the requests of a connection one after the other, as RFC 9112 (9.3.2) has it for all that are not safe: each
 * begins once the answer to the one before has left. A client that sends many and reads nothing holds up nobody else,
 * and costs little more than one request. What waits when its connection ends is never begun.
 *
 * What cannot be read is refused when its turn has come, after the answers to what came before.
 */
export function inTurn(server: Server, receive: Receive): (...sent: Parameters<Receive>) => void {
  const connections = new WeakMap<Duplex, Sent>()
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const newest = connections.get(socket)?.newest
    if (newest === undefined || isOver(newest)) refuse(error, socket)
    else if (newest.req.complete) {
      // Each piece that comes behind it could be read no better.
      socket.pause()
      newest.once('close', () => refuse(error, socket))
    } else if (newest.socket === null || newest.headersSent) socket.destroy()
    else refuse(error, socket)
  })
  return (request, response, proceed) => {
    const { socket } = request
    const sent = connections.get(socket)
    if (sent === undefined) {
      connections.set(socket, { newest: response, waiting: 0 })
      return void receive(request, response, proceed)
    }
    const before = sent.newest
    sent.newest = response
    if (isOver(before)) return void receive(request, response, proceed)
    if (sent.waiting === MOST_WAITING) return void socket.destroy()
    sent.waiting += 1
    before.once('close', () => {
      sent.waiting -= 1
      if (!socket.destroyed) void receive(request, response, proceed)
    })
  }
}

function isOver(response: ServerResponse): boolean {
  return response.writableFinished || response.destroyed
}

function refuse({ code }: NodeJS.ErrnoException, socket: Duplex): void {
  if (socket.writable) socket.write(`HTTP/1.1 ${STATUS.get(code) ?? '400 Bad Request'}\r\nConnection: close\r\n\r\n`)
  socket.destroy()
}
