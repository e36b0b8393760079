import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { addressError, NODE_FLAGS, urlAt } from '../http/address.ts'
import { closeServer } from '../http/http.ts'
import { readAll } from '../read-stream.ts'
import { NODE_PROTOCOL } from './node-client.ts'
import { NODE_TLS } from './node-key.ts'

/** More than the longest request, or a batch of records. */
const MAX_BODY_BYTES = 16 * 1024 * 1024
/** How long a connection on which nothing is asked stays: longer than who asks keeps it. */
const KEEP_ALIVE_MS = 120_000
const HANDSHAKE_MS = 5000
const CONNECTIONS = 1024

/** Where the processes that follow are heard. */
export interface NodeListener {
  /** A host and a port. */
  readonly address: string
  close(): Promise<void>
}

/** What is answered to them. */
export interface NodeListenerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** The key of an identity; null where there is none. */
  readonly keyOf: (identity: string) => Buffer | null
  answer(path: string, body: unknown): Promise<object>
  readonly onError: (error: unknown, what: string) => void
}

/** SECURITY: whoever has not the key of the deployment does not get beyond the handshake. */
export async function listenForNodes(options: NodeListenerOptions): Promise<NodeListener> {
  const { host, port, keyOf } = options
  const settings = {
    ...NODE_TLS,
    pskCallback: (_socket: unknown, identity: string) => keyOf(identity),
    handshakeTimeout: HANDSHAKE_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  }
  const server = createServer(settings as Parameters<typeof createServer>[0], (request, response) => {
    void respond(request, response, options)
  })
  server.maxConnections = CONNECTIONS
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(addressError(error, host, port, NODE_FLAGS)))
    server.listen(port, host, resolve)
  })
  server.on('error', (error) => options.onError(error, 'listen for other processes'))
  const bound = server.address() as AddressInfo
  return {
    address: new URL(urlAt(true, host, bound.port)).host,
    close: () => closeServer(server),
  }
}

async function respond(request: IncomingMessage, response: ServerResponse, options: NodeListenerOptions) {
  const say = (status: number, body: string): void => {
    response.writeHead(status, { 'content-length': Buffer.byteLength(body) }).end(body)
  }
  try {
    const spoken = request.headers['x-keyspan-nodes']
    if (spoken !== NODE_PROTOCOL) {
      return say(
        400,
        `it speaks ${NODE_PROTOCOL}, and was asked in ${String(spoken)}: one of both is of another version`,
      )
    }
    const body = await readAll(request, MAX_BODY_BYTES, () => new Error('what it is asked is too long'))
    say(200, JSON.stringify(await options.answer(request.url ?? '', JSON.parse(body.toString()))))
  } catch (error) {
    options.onError(error, `answer another process (${request.url ?? ''})`)
    if (response.headersSent) response.destroy()
    else say(500, 'it failed; its log has the cause')
  }
}
