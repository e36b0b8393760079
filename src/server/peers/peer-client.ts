import { once } from 'node:events'
import { Agent, request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { connect, type SecureContext, type TLSSocket } from 'node:tls'
import type { Region } from '../../domain/region.ts'
import { PROTOCOL } from '../../replication/signed.ts'
import { readAll } from '../read-stream.ts'
import { reasonOf } from '../system-errors.ts'
import { CLAIM, type HomeClaims } from './home-claims.ts'
import { PeerError } from './peer-error.ts'
import { provenKey, tlsName } from './peer-tls.ts'

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
  /** The public key of its identity, SPKI in DER. */
  readonly publicKey: Buffer
}

/** Asks one Region of another place. */
export interface PeerClient {
  readonly region: Region
  /** @throws PeerError */
  ask(path: string, body: object): Promise<unknown>
  close(): void
}

/** @param context of the Region that asks */
export function createPeerClient(place: PeerPlace, context: SecureContext, claims: HomeClaims): PeerClient {
  const agent = createAgent(place, context)
  return {
    region: place.region,
    async ask(path, body) {
      const text = Buffer.from(JSON.stringify(body))
      try {
        return await post({ ...place, claims }, agent, path, text).catch((error: unknown) => {
          // A connection that was kept may have ended meanwhile: that says nothing about the peer.
          if (error instanceof StaleConnectionError && !ONCE.includes(path)) {
            return post({ ...place, claims }, agent, path, text)
          }
          throw error
        })
      } catch (error) {
        if (error instanceof PeerError) throw error
        throw new PeerError(`${place.region} cannot be reached at ${place.url.origin}: ${sentence(reasonOf(error))}`, {
          cause: error,
        })
      }
    },
    close: () => agent.destroy(),
  }
}

/**
 * Connections that are handed out once the other end has proved to be the Region.
 *
 * SECURITY: its certificate is its own word; the key in it is compared with the one that was enrolled.
 */
function createAgent({ region, url, publicKey }: PeerPlace, secureContext: SecureContext): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, maxCachedSessions: 0 })
  agent.createConnection = (_options, done) => {
    const socket: TLSSocket = connect({
      host: url.hostname,
      port: Number(url.port),
      servername: tlsName(region),
      secureContext,
      rejectUnauthorized: false,
      timeout: TIMEOUT_MS,
    })
    socket.once('timeout', () => socket.destroy(new Error('it does not answer')))
    socket.once('error', (error) => done?.(error, socket))
    socket.once('secureConnect', () => {
      const proven = provenKey(socket)
      if (proven?.equals(publicKey) === true) return done?.(null, socket)
      socket.destroy()
      done?.(new PeerError(`What answers at ${url.origin} is not the ${region} that is trusted here.`), socket)
    })
    return undefined
  }
  return agent
}

async function post(
  { region, url, claims }: PeerPlace & { readonly claims: HomeClaims },
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
