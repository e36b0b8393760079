import { isForConsole, type Console } from './console.ts'
import type { WireRequest, WireResponse } from '../../protocol/wire.ts'

/** What can be asked without a signature. */
export interface PlainPowers {
  /** Whether requests can be answered. It is asked often, and must cost nothing. */
  readonly isHealthy: () => boolean
  /** Brings an ephemeral server back to its beginning; null where a server keeps what it has. */
  readonly reset: (() => Promise<void>) | null
  /** Null where it is not served. */
  readonly console: Console | null
  /** What this process is beside others that serve the same; null where there are none. */
  readonly role: 'leader' | 'follower' | null
}

/** Tells by its status whether this process leads: what only one process has is reached by it. */
const LEADER_PATH = '/health/leader'

/** Says whether a request is one of those that are answered without a signature. */
export function isPlain(request: WireRequest, { reset, console, role }: PlainPowers): boolean {
  const { method, path } = request
  return (
    (console !== null && isForConsole(request)) ||
    ((method === 'GET' || method === 'HEAD') && (path === '/health' || (role !== null && path === LEADER_PATH))) ||
    (reset !== null && method === 'POST' && path === '/reset')
  )
}

/**
 * Answers what is asked without a signature; null for what every other request is.
 *
 * `GET /health`, and `HEAD`, tells whoever asks whether there are answers, and nothing else. The console's files are
 * the same for everybody: who signs in there signs each request, or has a link that is good once.
 */
export function answerPlain(request: WireRequest, powers: PlainPowers): Promise<WireResponse> | null {
  if (!isPlain(request, powers)) return null
  if (powers.console !== null && isForConsole(request)) return powers.console.answer(request)
  if (request.path === '/health') return Promise.resolve(health(powers.isHealthy(), powers.role))
  if (request.path === LEADER_PATH) {
    return Promise.resolve(health(powers.isHealthy() && powers.role === 'leader', powers.role))
  }
  return (powers.reset ?? (() => Promise.resolve()))().then(() => plain(200, 'reset'))
}

function health(isHealthy: boolean, role: PlainPowers['role']): WireResponse {
  const told = role === null ? {} : { role }
  return isHealthy ? plain(200, 'ok', told) : plain(503, 'not ok', told)
}

function plain(status: number, text: string, more: object = {}): WireResponse {
  return { status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ status: text, ...more }) }
}
