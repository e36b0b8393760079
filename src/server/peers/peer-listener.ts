import { createServer } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SecureContext, TLSSocket } from 'node:tls'
import type { Region } from '../../domain/region.ts'
import { PROTOCOL } from '../../replication/signed.ts'
import { addressError, urlAt } from '../http/address.ts'
import { readAll } from '../read-stream.ts'
import { CLAIM, type HomeClaims } from './home-claims.ts'
import { provenKey, regionNamed } from './peer-tls.ts'

/** More than a request of any service, in base64. */
const MAX_BODY_BYTES = 2 * 1024 * 1024
const TIMEOUT_MS = 10_000
const CONNECTIONS = 1000

/** What is asked wrongly: the peer is told so. */
export class AskedWrongly extends Error {}

/** Who asks whom: both have proved it. */
export interface Asked {
  readonly from: Region
  readonly of: Region
}

export interface ListenerOptions {
  readonly host: string
  readonly port: number
  /** What a Region of this process speaks with; undefined for one that is not here. */
  contextOf(region: Region): SecureContext | undefined
  /** The Region whose identity has this public key; null for nobody who is trusted. */
  regionOf(publicKey: Buffer): Region | null
  readonly claims: HomeClaims
  answer(path: string, body: unknown, asked: Asked): Promise<object>
  onError(error: unknown, what: string): void
}

/** Where Regions of other places are heard. */
export interface PeerListener {
  readonly url: string
  close(): Promise<void>
}

/**
 * Listens for peers. Nobody gets an answer who has not proved, in the handshake, to be a Region that is trusted.
 *
 * @throws ConfigError where the address cannot be listened on
 */
export async function listenForPeers(options: ListenerOptions): Promise<PeerListener> {
  const { host, port } = options
  const server = createServer({
    SNICallback(name, done) {
      const context = options.contextOf(regionNamed(name))
      if (context === undefined) done(new Error(`There is no Region ${regionNamed(name)} here.`))
      else done(null, context)
    },
    minVersion: 'TLSv1.3',
    requestCert: true,
    // Its certificate is signed by itself: whom it names is asked below, before anything is read.
    rejectUnauthorized: false,
    sessionTimeout: 1,
    handshakeTimeout: TIMEOUT_MS,
    requestTimeout: TIMEOUT_MS,
    headersTimeout: TIMEOUT_MS,
  })
  server.maxConnections = CONNECTIONS
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void respond(request, response, options)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(addressError(error, host, port, { host: '--peer-host', port: '--peer-port' })),
    )
    server.listen(port, host, resolve)
  })
  const bound = server.address() as AddressInfo
  return {
    url: urlAt(true, host, bound.port),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function respond(request: IncomingMessage, response: ServerResponse, options: ListenerOptions): Promise<void> {
  const say = (status: number, body: object): void => {
    response
      .writeHead(status, { 'content-type': 'application/json', [CLAIM]: options.claims.own() })
      .end(JSON.stringify(body))
  }
  try {
    const socket = request.socket as TLSSocket
    const key = provenKey(socket)
    const from = key === null ? null : options.regionOf(key)
    if (from === null) return say(403, { error: 'Whoever asks is no Region that is trusted here.' })
    options.claims.hear(String(request.headers[CLAIM]))
    const spoken = request.headers['x-keyspan-protocol']
    if (spoken !== PROTOCOL) {
      return say(400, {
        error: `it speaks ${PROTOCOL}, and was asked in ${String(spoken)}: one of both is of another version`,
      })
    }
    const body = await readJson(request)
    const of = regionNamed(typeof socket.servername === 'string' ? socket.servername : '')
    say(200, await options.answer(request.url ?? '', body, { from, of }))
  } catch (error) {
    const isAsked = error instanceof AskedWrongly
    if (!isAsked) options.onError(error, `answer a peer (${request.url ?? ''})`)
    if (response.headersSent) response.destroy()
    else say(isAsked ? 400 : 500, { error: isAsked ? error.message : 'it failed; its log has the cause' })
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = await readAll(request, MAX_BODY_BYTES, () => new AskedWrongly('what it is asked is too long'))
  try {
    return JSON.parse(body.toString())
  } catch {
    throw new AskedWrongly('what it is asked is no JSON')
  }
}
