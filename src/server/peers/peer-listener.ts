import { createServer } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { SecureContext, TLSSocket } from 'node:tls'
import type { Region } from '../../domain/region.ts'
import { PROTOCOL } from '../../replication/signed.ts'
import { addressError, urlAt } from '../http/address.ts'
import { readAll } from '../read-stream.ts'
import { CLAIM, type HomeClaims } from './home-claims.ts'
import { regionNamed, shownBy, type Shown } from './peer-tls.ts'
import type { PartedRegion } from './trusted-regions.ts'
import { createStrangers, type StrangerLimits } from './strangers.ts'

/** More than a request of any service, in base64. */
const MAX_BODY_BYTES = 2 * 1024 * 1024
const TIMEOUT_MS = 10_000
const CONNECTIONS = 1000
const STRANGERS: StrangerLimits = { ms: 3000, inAll: 128, perNetwork: 16, perSecond: 50 }

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
  /** The Region that has shown this; null for nobody who is trusted. */
  readonly recognize: (shown: Shown) => Promise<Region | null>
  /** Those that were trusted once: they are told so, and one that is counted as gone may ask what has become of it. */
  readonly parted: () => readonly PartedRegion[]
  readonly claims: HomeClaims
  readonly strangers?: StrangerLimits
  answer(path: string, body: unknown, asked: Asked): Promise<object>
  onError(error: unknown, what: string): void
}

/** Where Regions of other places are heard. */
export interface PeerListener {
  readonly url: string
  /** Has every peer connect again: a Region that is here has another identity. */
  renew(): void
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
    handshakeTimeout: STRANGERS.ms,
    requestTimeout: TIMEOUT_MS,
    headersTimeout: TIMEOUT_MS,
  })
  server.maxConnections = CONNECTIONS
  /** How often an identity was renewed, and how often it had been when a connection was made. */
  let renewals = 0
  const madeAt = new WeakMap<object, number>()
  const strangers = createStrangers(options.strangers ?? STRANGERS)
  server.on('connection', (socket: Socket) => strangers.admit(socket))
  server.on('secureConnection', (socket) => {
    madeAt.set(socket, renewals)
    const shown = shownBy(socket)
    if (shown === null) return
    options.recognize(shown).then(
      (region) => region === null || strangers.acknowledge(socket),
      (error: unknown) => options.onError(error, 'look who a peer is'),
    )
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (madeAt.get(request.socket) !== renewals) response.setHeader('connection', 'close')
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
    renew() {
      renewals += 1
      server.closeIdleConnections()
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        strangers.end()
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
    const shown = shownBy(socket)
    const trusted = shown === null ? null : await options.recognize(shown)
    const parted =
      trusted === null ? options.parted().find((each) => shown?.publicKey.equals(each.publicKey)) : undefined
    // SECURITY: all that one that is gone may ask for is an exchange, which tells it that its life has ended.
    const from = trusted ?? (parted?.isGone === true && request.url === '/exchange' ? parted.region : null)
    if (trusted === null) response.setHeader('connection', 'close')
    else options.claims.hear(String(request.headers[CLAIM]))
    if (from === null) return say(403, { error: strangerText(parted) })
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

function strangerText(parted: PartedRegion | undefined): string {
  if (parted === undefined) return 'Whoever asks is no Region that is trusted here.'
  return parted.isGone
    ? `${parted.region} was declared to be gone for good. It is heard again once it is trusted anew: keyspan region trust`
    : `${parted.region} is not trusted there any more (keyspan region distrust).`
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = await readAll(request, MAX_BODY_BYTES, () => new AskedWrongly('what it is asked is too long'))
  try {
    return JSON.parse(body.toString())
  } catch {
    throw new AskedWrongly('what it is asked is no JSON')
  }
}
