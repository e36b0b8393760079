import { createHash, timingSafeEqual } from 'node:crypto'
import type { WireHandler, WireResponse } from '../../protocol/wire.ts'
import type { AddressFlags } from '../http/address.ts'
import { serveHttp, type HttpServer, type TlsFiles } from '../http/http.ts'

/** Where metrics are served. */
export interface MetricsAddress {
  readonly host: string
  readonly port: number
  readonly tls: TlsFiles | null
  /** What whoever asks has to know; null where everybody who reaches the listener may ask. */
  readonly token: string | null
}

/** By which flags that is given. */
export const METRICS_FLAGS: AddressFlags = { host: '--metrics-host', port: '--metrics-port' }

/** A scrape has no body. */
const BODIES = { longest: 1024, together: 1024 * 1024 }

/** Serves `GET /metrics` on a listener of its own. */
export function serveMetrics(
  text: () => Promise<string>,
  { host, port, tls, token }: MetricsAddress,
  onError: (error: unknown) => void,
): Promise<HttpServer> {
  return serveHttp({
    handler: answerScrapes(text, token),
    refuseHead: () => Promise.resolve(null),
    host,
    port,
    flags: METRICS_FLAGS,
    ...(tls !== null && { tls }),
    bodies: BODIES,
    onError,
  })
}

/** Answers scrapes by whoever has the token. */
export function answerScrapes(text: () => Promise<string>, token: string | null): WireHandler {
  const expected = token === null ? null : digest(`Bearer ${token}`)
  return async ({ method, path, headers }) => {
    // SECURITY: of one length whatever was sent, and compared in constant time.
    if (expected !== null && !timingSafeEqual(digest(headers['authorization'] ?? ''), expected)) {
      const refusal = plain(401, 'Send the token of --metrics-token-file: Authorization: Bearer <token>.\n')
      return { ...refusal, headers: { ...refusal.headers, 'WWW-Authenticate': 'Bearer' } }
    }
    if (path !== '/metrics') return plain(404, 'There is /metrics, and nothing else.\n')
    if (method !== 'GET' && method !== 'HEAD') return plain(405, `Ask for /metrics by GET, not by ${method}.\n`)
    return plain(200, await text(), 'text/plain; version=0.0.4; charset=utf-8')
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function plain(status: number, body: string, type = 'text/plain; charset=utf-8'): WireResponse {
  return { status, headers: { 'Content-Type': type }, body }
}
