import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import type { Socket } from 'node:net'
import { readAll } from '../read-stream.ts'
import { reasonOf } from '../system-errors.ts'
import { NODE_TLS, type nodeKeyOf } from './node-key.ts'

/** How long an answer may take, in milliseconds: making the longest RSA keys takes seconds. */
const ANSWER_MS = 60_000
/** How long it may take to connect. */
const CONNECT_MS = 2000
const MAX_ANSWER_BYTES = 64 * 1024 * 1024
/** How many requests are passed on at once. */
const CONNECTIONS = 64

/** Bumped where processes of two versions would misunderstand each other. */
export const NODE_PROTOCOL = '1'

/** That the process that leads has not answered. */
export class NodeError extends Error {
  /** Whether it may have heard what it was asked. */
  readonly isSent: boolean
  constructor(message: string, isSent: boolean, cause?: unknown) {
    super(message, { cause })
    this.isSent = isSent
  }
}

/** Asks the process that leads. */
export interface NodeClient {
  /** @throws NodeError */
  ask(path: string, body: object, patience?: number): Promise<unknown>
  close(): void
}

/** @param address a host and a port */
export function createNodeClient(address: string, key: ReturnType<typeof nodeKeyOf>): NodeClient {
  const agent = new Agent({
    ...NODE_TLS,
    keepAlive: true,
    maxSockets: CONNECTIONS,
    maxCachedSessions: 0,
    pskCallback: () => key,
    // Who has the key is whom we ask: there is no certificate.
    checkServerIdentity: () => undefined,
  })
  return {
    ask: (path, body, patience = ANSWER_MS) => post(agent, address, path, Buffer.from(JSON.stringify(body)), patience),
    close: () => agent.destroy(),
  }
}

async function post(agent: Agent, address: string, path: string, body: Buffer, patience: number): Promise<unknown> {
  const headers = { 'content-length': body.length, 'x-keyspan-nodes': NODE_PROTOCOL }
  const asking = request(`https://${address}${path}`, { agent, method: 'POST', headers })
  let isSent = false
  asking.on('socket', (socket: Socket) => {
    if (!socket.connecting) isSent = true
    else {
      const late = setTimeout(() => socket.destroy(new Error('nobody answers there')), CONNECT_MS)
      socket.once('close', () => clearTimeout(late))
      socket.once('secureConnect', () => {
        clearTimeout(late)
        isSent = true
      })
    }
  })
  asking.on('error', () => {})
  const timer = setTimeout(() => asking.destroy(new Error('it does not answer in time')), patience)
  try {
    asking.end(body)
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    const text = (await readAll(response, MAX_ANSWER_BYTES, () => new Error('its answer is too long'))).toString()
    if (response.statusCode === 200) return JSON.parse(text) as unknown
    throw new Error(`it refuses: ${text}`)
  } catch (error) {
    throw new NodeError(`${address}: ${reasonOf(error)}`, isSent, error)
  } finally {
    clearTimeout(timer)
  }
}
