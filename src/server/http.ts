import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { WireHandler, WireRequest, WireResponse } from '../protocol/wire.ts'

/** How many requests are begun before the socket gets its turn again. */
const BATCH = 64
const KEEP_ALIVE_MS = 65_000
const HEADERS_MS = 15_000
const REQUEST_MS = 30_000
const MAX_HEADER_BYTES = 16 * 1024
/** How long requests that are under way may take when the server stops. */
const CLOSE_MS = 5000

/** What an HTTP server is made from. */
export interface HttpOptions {
  readonly handler: WireHandler
  readonly host: string
  readonly port: number
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer }
  readonly maxBodyBytes: number
  onError(error: unknown): void
  /** Called when a batch of requests has begun: what they have in common, such as the audit log, is written now. */
  afterBatch(): void
}

/** A server that listens. */
export interface HttpServer {
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
  const queue: (() => void)[] = []
  const runBatch = (): void => {
    for (const begin of queue.splice(0, BATCH)) begin()
    options.afterBatch()
    if (queue.length > 0) setImmediate(runBatch)
  }
  const enqueue = (begin: () => void): void => {
    queue.push(begin)
    if (queue.length === 1) setImmediate(runBatch)
  }
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    readBody(request, options.maxBodyBytes, (body) => {
      if (body === null) refuseBody(response, options.maxBodyBytes)
      else enqueue(() => void answer(wireRequest(request, body), response, options))
    })
  }
  const settings = {
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
  }
  const server =
    options.tls === undefined
      ? createServer(settings, listener)
      : createTlsServer({ ...settings, ...options.tls, minVersion: 'TLSv1.2' }, listener)
  const port = await listen(server, options)
  const name = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://${name}:${port}`,
    close: () => close(server),
  }
}

/** Hands over the whole body, or null as soon as it is too long. A request that breaks off is never handed over. */
function readBody(request: IncomingMessage, max: number, done: (body: Buffer | null) => void): void {
  const chunks: Buffer[] = []
  let size = 0
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= max) chunks.push(chunk)
    else if (size - chunk.length <= max) done(null)
  })
  request.on('end', () => {
    if (size <= max) done(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks))
  })
  // A client that goes away in the middle has said nothing.
  request.on('error', () => chunks.splice(0))
}

function wireRequest(request: IncomingMessage, body: Buffer): WireRequest {
  const url = request.url ?? '/'
  const question = url.indexOf('?')
  return {
    method: request.method ?? '',
    path: question < 0 ? url : url.slice(0, question),
    query: question < 0 ? '' : url.slice(question + 1),
    headers: headersOf(request.rawHeaders),
    body,
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
    options.onError(error)
    result = internalError()
  }
  response.writeHead(result.status, { ...result.headers, 'Content-Length': Buffer.byteLength(result.body) })
  response.end(result.body)
}

/** The last resort; the protocols answer what they can themselves. */
function internalError(): WireResponse {
  const requestId = randomUUID()
  const message = `The request failed inside the server; its log has the cause under ${requestId}.`
  return {
    status: 500,
    headers: { 'x-amzn-RequestId': requestId, 'Content-Type': 'application/x-amz-json-1.1' },
    body: JSON.stringify({ __type: 'KMSInternalException', message }),
  }
}

/** What is still to come of the body is not read: the connection ends. */
function refuseBody(response: ServerResponse, max: number): void {
  const message = `The request body is longer than ${max} bytes.`
  const body = JSON.stringify({ __type: 'RequestEntityTooLargeException', message })
  response.writeHead(413, { 'Content-Type': 'application/x-amz-json-1.1', Connection: 'close' })
  response.end(body, () => response.socket?.destroySoon())
}

function listen(server: Server, { host, port }: HttpOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}
