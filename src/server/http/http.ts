import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { TLSSocket } from 'node:tls'
import { NoAnswerError, type WireHandler, type WireRequest, type WireResponse } from '../../protocol/wire.ts'
import { addressError, urlAt, type AddressFlags } from './address.ts'
import { announcedLength, createBodyReader, isSmall, type BodyLimits } from './http-body.ts'
import { bodyRefused, plainError, refuseEarly } from './http-refusal.ts'
import { inTurn, type Receive } from './in-turn.ts'

/** How many requests are begun before the socket gets its turn again. */
const BATCH = 64
const KEEP_ALIVE_MS = 65_000
const HEADERS_MS = 15_000
const REQUEST_MS = 30_000
const MAX_HEADER_BYTES = 16 * 1024
/** How many connections there may be; more are closed as they come. */
const MAX_CONNECTIONS = 4096
/** How often the two limits above are looked at: Node's own half minute would double them. */
const LIMITS_MS = 5000
/** How long requests that are under way may take when the server stops. */
const CLOSE_MS = 5000
/** How often a server that stops looks for connections that have nothing under way any more. */
const IDLE_MS = 20

/** A certificate chain and its private key, as PEM. */
export interface TlsFiles {
  readonly cert: Buffer
  readonly key: Buffer
}

/** What an HTTP server is made from. */
export interface HttpOptions {
  /** Where it throws NoAnswerError, the connection is closed. */
  readonly handler: WireHandler
  readonly host: string
  readonly port: number
  /** By which flags these are given, where it is not by --host and --port. */
  readonly flags?: AddressFlags
  readonly tls?: TlsFiles
  readonly bodies: BodyLimits
  /** Looks at a head whose body is still to come: the answer to one that cannot be verified, or null. */
  refuseHead(head: WireRequest): Promise<WireResponse | null>
  onError(error: unknown): void
}

/** A server that listens. */
export interface HttpServer {
  readonly port: number
  readonly url: string
  /** Takes nothing new, and lets what is under way finish. */
  close(): Promise<void>
}

/**
 * Serves a handler over HTTP or HTTPS.
 *
 * Requests that have come in whole are begun together, once a turn of the event loop: their answers and their audit
 * records leave together too, which is worth half again as many requests a second.
 */
export async function serveHttp(options: HttpOptions): Promise<HttpServer> {
  const enqueue = createBatches(options)
  const settings = {
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: LIMITS_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
  }
  const server =
    options.tls === undefined
      ? createServer(settings)
      : createTlsServer({ ...settings, ...options.tls, minVersion: 'TLSv1.2' })
  const receive = inTurn(server, createReceiver(options, enqueue))
  server.on('request', (request, response) => receive(request, response, () => {}))
  server.on('checkContinue', (request, response) => receive(request, response, () => response.writeContinue()))
  server.maxConnections = MAX_CONNECTIONS
  server.on('drop', () => options.onError(new Error(`There are ${MAX_CONNECTIONS} connections: a new one was closed.`)))
  const port = await listen(server, options)
  server.on('error', (error) => options.onError(error))
  return {
    port,
    url: urlAt(options.tls !== undefined, options.host, port),
    close: () => closeServer(server),
  }
}

/**
 * Takes requests in. The head of one whose body is long is looked at first: a stranger's body is never kept.
 *
 * `proceed` is called before the body is read: a client that asked before sending keeps a body that is refused.
 */
function createReceiver(options: HttpOptions, enqueue: (waiting: Waiting) => void): Receive {
  const bodies = createBodyReader(options.bodies)
  return async (request, response, proceed) => {
    const head = headOf(request)
    const unread = isSmall(head) ? null : await examine(head, options)
    if (unread === 'no answer') return void response.destroy()
    const refusal = unread ?? refuseLength(head, options.bodies.longest)
    if (refusal !== null) return refuseEarly(request, response, refusal)
    proceed()
    bodies.read(request, head, (body) => {
      if (typeof body === 'string') refuseEarly(request, response, bodyRefused(body, options.bodies.longest))
      else enqueue({ request: { ...head, body }, response })
    })
  }
}

function refuseLength(head: WireRequest, longest: number): WireResponse | null {
  const length = announcedLength(head)
  return length !== null && length > longest ? bodyRefused('too-long', longest) : null
}

async function examine(head: WireRequest, options: HttpOptions): Promise<WireResponse | 'no answer' | null> {
  try {
    return await options.refuseHead(head)
  } catch (error) {
    return error instanceof NoAnswerError ? 'no answer' : internalError(error, options)
  }
}

/** A request that has come in whole and waits for its turn. */
interface Waiting {
  readonly request: WireRequest
  readonly response: ServerResponse
}

/** Takes requests, and begins those of one turn of the event loop together. */
function createBatches(options: HttpOptions): (waiting: Waiting) => void {
  const queue: Waiting[] = []
  const runBatch = (): void => {
    for (const { request, response } of queue.splice(0, BATCH)) {
      // Nobody waits for an answer whose connection is gone.
      if (response.socket?.destroyed !== true) void answer(request, response, options)
    }
    if (queue.length > 0) setImmediate(runBatch)
  }
  return (waiting) => {
    queue.push(waiting)
    if (queue.length === 1) setImmediate(runBatch)
  }
}

const NOTHING = Buffer.alloc(0)

/**
 * A request whose body is still to come.
 *
 * Taken at once: the address of a client that is gone by its turn could not be asked for any more. Node's own reading
 * of the headers is not asked for, which would take them apart a second time.
 */
function headOf(request: IncomingMessage): WireRequest {
  const url = request.url ?? '/'
  const question = url.indexOf('?')
  return {
    method: request.method ?? '',
    path: question < 0 ? url : url.slice(0, question),
    query: question < 0 ? '' : url.slice(question + 1),
    headers: headersOf(request.rawHeaders),
    body: NOTHING,
    sourceIp: addressOf(request),
    secure: request.socket instanceof TLSSocket,
  }
}

/** An IPv4 client of a socket for both is still an IPv4 client. */
function addressOf(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
}

function headersOf(raw: readonly string[]): Record<string, string> {
  // Without a prototype, so that a header named like one of its members is a header.
  const headers = Object.create(null) as Record<string, string>
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase()
    const value = raw[index + 1] ?? ''
    headers[name] = headers[name] === undefined ? value : `${headers[name]},${value}`
  }
  return headers
}

async function answer(request: WireRequest, response: ServerResponse, options: HttpOptions): Promise<void> {
  let result: WireResponse
  try {
    result = await options.handler(request)
  } catch (error) {
    if (error instanceof NoAnswerError) return void response.destroy()
    result = internalError(error, options)
  }
  try {
    write(response, result)
  } catch (error) {
    // A head that cannot be written must not end the process; the client sees its connection end.
    options.onError(error)
    response.destroy()
  }
}

function write(response: ServerResponse, { status, headers, body }: WireResponse): void {
  const bytes = Buffer.byteLength(body)
  response.writeHead(status, { ...headers, 'Content-Length': bytes })
  // Text without a byte to a character more is ASCII, which is written faster by a narrower encoding.
  if (typeof body === 'string' && bytes === body.length) response.end(body, 'latin1')
  else response.end(body)
}

/** The last resort; the protocols answer what they can themselves. */
function internalError(cause: unknown, options: HttpOptions): WireResponse {
  const requestId = randomUUID()
  options.onError(new Error(`Request ${requestId} has failed.`, { cause }))
  const message = `The request failed inside the server; its log has the cause under ${requestId}.`
  return plainError(500, 'KMSInternalException', message, requestId)
}

function listen(server: Server, { host, port, flags }: HttpOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => reject(addressError(error, host, port, flags))
    server.once('error', refuse)
    server.listen(port, host, () => {
      server.off('error', refuse)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

/** Connections end as their last answers have left; those that do not are cut after five seconds. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_MS)
    const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS)
    server.close(() => {
      clearInterval(idle)
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}
