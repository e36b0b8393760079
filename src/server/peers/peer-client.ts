import { once } from 'node:events'
import { Agent, request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { connect, type SecureContext, type TLSSocket } from 'node:tls'
import type { Region } from '../../domain/region.ts'
import { PROTOCOL } from '../../replication/signed.ts'
import { readAll } from '../read-stream.ts'
import { reasonOf } from '../system-errors.ts'
import { CLAIM, type HomeClaims } from './home-claims.ts'
import { PeerError } from './peer-error.ts'
import { shownBy, tlsName, type Shown } from './peer-tls.ts'

/** How long a peer has for an answer, in milliseconds. */
const TIMEOUT_MS = 10_000
/** More than 32 entries of keys with the longest policies and the most tags. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024

/** What may be done once only, and may have been done where no answer has come. */
const ONCE: readonly string[] = ['/relay', '/role']

/** A connection that was kept has ended before it brought an answer. */
class StaleConnectionError extends Error {}

/** A Region in another place, as it is reached. */
export interface PeerPlace {
  readonly region: Region
  readonly url: URL
  /** What the Region that asks speaks with, asked at each connection. */
  readonly contextOf: () => SecureContext
  /** The Region that has shown this; null for nobody who is trusted. */
  readonly recognize: (shown: Shown) => Promise<Region | null>
}

/** Asks one Region of another place. */
export interface PeerClient {
  readonly region: Region
  /** @throws PeerError */
  ask(path: string, body: object): Promise<unknown>
  /** Asks over other connections from now on; what is under way is answered over those that there are. */
  renew(): void
  close(): void
}

export function createPeerClient(place: PeerPlace, claims: HomeClaims): PeerClient {
  let agent = createAgent(place)
  return {
    region: place.region,
    async ask(path, body) {
      const text = Buffer.from(JSON.stringify(body))
      try {
        return await post({ region: place.region, url: place.url, claims }, agent, path, text).catch(
          (error: unknown) => {
            // A connection that was kept may have ended meanwhile: that says nothing about the peer.
            if (error instanceof StaleConnectionError && !ONCE.includes(path)) {
              return post({ region: place.region, url: place.url, claims }, agent, path, text)
            }
            throw error
          },
        )
      } catch (error) {
        if (error instanceof PeerError) throw error
        throw new PeerError(`${place.region} cannot be reached at ${place.url.origin}: ${sentence(reasonOf(error))}`, {
          cause: error,
        })
      }
    },
    renew() {
      retire(agent)
      agent = createAgent(place)
    },
    close: () => agent.destroy(),
  }
}

/** Ends connections as soon as nothing is under way on them. */
function retire(agent: Agent): void {
  agent.on('free', (socket: Socket) => socket.destroy())
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy()
}

/**
 * Connections that are handed out once the other end has proved to be the Region.
 *
 * SECURITY: its certificate is its own word; the key in it is compared with the one that was enrolled.
 */
function createAgent(place: PeerPlace): Agent {
  const { region, url } = place
  const agent = new Agent({ keepAlive: true, maxSockets: 4, maxCachedSessions: 0 })
  agent.createConnection = (_options, done) => {
    const socket: TLSSocket = connect({
      host: url.hostname,
      port: Number(url.port),
      servername: tlsName(region),
      secureContext: place.contextOf(),
      rejectUnauthorized: false,
      timeout: TIMEOUT_MS,
    })
    socket.once('timeout', () => socket.destroy(new Error('it does not answer')))
    socket.once('error', (error) => done?.(error, socket))
    socket.once('secureConnect', () => void handOut(socket, place, done))
    return undefined
  }
  return agent
}

async function handOut(
  socket: TLSSocket,
  { region, url, recognize }: PeerPlace,
  done: ((error: Error | null, stream: TLSSocket) => void) | undefined,
): Promise<void> {
  try {
    const shown = shownBy(socket)
    const found = shown === null ? null : await recognize(shown)
    if (found !== region) {
      throw new PeerError(`What answers at ${url.origin} is not the ${region} that is trusted here.`)
    }
    done?.(null, socket)
  } catch (error) {
    socket.destroy()
    done?.(error instanceof Error ? error : new Error(String(error)), socket)
  }
}

async function post(
  { region, url, claims }: Pick<PeerPlace, 'region' | 'url'> & { readonly claims: HomeClaims },
  agent: Agent,
  path: string,
  body: Buffer,
): Promise<unknown> {
  const headers = {
    [CLAIM]: claims.own(),
    'content-type': 'application/json',
    'content-length': body.length,
    'x-keyspan-protocol': PROTOCOL,
  }
  const asking = request(new URL(path, url), { agent, method: 'POST', headers })
  // Once the answer has begun, its own errors tell what becomes of it.
  asking.on('error', () => {})
  const timer = setTimeout(() => asking.destroy(new Error('it does not answer in time')), TIMEOUT_MS)
  try {
    asking.end(body)
    const [response] = (await once(asking, 'response').catch((error: unknown) => {
      throw asking.reusedSocket ? new StaleConnectionError(reasonOf(error), { cause: error }) : error
    })) as [IncomingMessage]
    claims.hear(String(response.headers[CLAIM]))
    const answer = parse((await readAll(response, MAX_ANSWER_BYTES, tooLong)).toString())
    if (response.statusCode === 200 && answer !== null) return answer
    const reason = answer !== null && 'error' in answer ? String(answer.error) : `it answers ${response.statusCode}`
    throw new PeerError(`${region} refuses: ${reason}`)
  } finally {
    clearTimeout(timer)
  }
}

function tooLong(): Error {
  return new Error('its answer is too long')
}

function parse(text: string): object | null {
  try {
    const answer: unknown = JSON.parse(text)
    return typeof answer === 'object' ? answer : null
  } catch {
    return null
  }
}

function sentence(reason: string): string {
  return reason.endsWith('.') ? reason : `${reason}.`
}
