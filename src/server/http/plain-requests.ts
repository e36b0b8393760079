import type { WireRequest, WireResponse } from '../../protocol/wire.ts'

/** What can be asked without a signature. */
export interface PlainPowers {
  /** Whether requests can be answered. It is asked often, and must cost nothing. */
  readonly isHealthy: () => boolean
  /** Brings an ephemeral server back to its beginning; null where a server keeps what it has. */
  readonly reset: (() => Promise<void>) | null
}

/** Says whether a request is one of those that are answered without a signature. */
export function isPlain({ method, path }: WireRequest, { reset }: PlainPowers): boolean {
  return (
    ((method === 'GET' || method === 'HEAD') && path === '/health') ||
    (reset !== null && method === 'POST' && path === '/reset')
  )
}

/**
 * Answers what is asked without a signature; null for what every other request is.
 *
 * `GET /health`, and `HEAD`, tells whoever asks whether there are answers, and nothing else.
 */
export function answerPlain(request: WireRequest, powers: PlainPowers): Promise<WireResponse> | null {
  if (!isPlain(request, powers)) return null
  if (request.path === '/health') return Promise.resolve(health(powers.isHealthy()))
  return (powers.reset ?? (() => Promise.resolve()))().then(() => plain(200, 'reset'))
}

function health(isHealthy: boolean): WireResponse {
  return isHealthy ? plain(200, 'ok') : plain(503, 'not ok')
}

function plain(status: number, text: string): WireResponse {
  return { status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ status: text }) }
}
