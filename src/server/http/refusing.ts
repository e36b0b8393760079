import { randomUUID } from 'node:crypto'
import type { WireRequest, WireResponse } from '../../protocol/wire.ts'
import { plainError } from './http-refusal.ts'
import { serveHttp, type HttpServer, type TlsFiles } from './http.ts'

const BODIES = { longest: 512 * 1024, together: 16 * 1024 * 1024 }

/** Where a server listens that answers nobody yet. */
export interface RefusingPlace {
  readonly host: string
  readonly port: number
  readonly tls: TlsFiles | null
  readonly onError: (error: unknown) => void
}

/** Why a server does not serve: a word for `/health`, and a sentence. */
export interface Refusing {
  readonly status: string
  readonly message: string
}

/** Answers every request with the status 503, which clients try again. */
export function serveRefusing({ host, port, tls, onError }: RefusingPlace, refusing: Refusing): Promise<HttpServer> {
  return serveHttp({
    handler: (request) => Promise.resolve(refusingAnswer(request, refusing)),
    refuseHead: (head) => Promise.resolve(refusingAnswer(head, refusing)),
    host,
    port,
    ...(tls !== null && { tls }),
    onError,
    bodies: BODIES,
  })
}

/** Clients read an error in the form of the protocol that they speak. */
export function refusingAnswer(
  { path, headers }: Pick<WireRequest, 'path' | 'headers'>,
  { status, message }: Refusing,
): WireResponse {
  if (path === '/health') {
    return { status: 503, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ status }) }
  }
  const id = randomUUID()
  const isQuery = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false
  const answer = isQuery
    ? {
        status: 503,
        headers: { 'x-amzn-RequestId': id, 'Content-Type': 'text/xml' },
        body: `<ErrorResponse><Error><Type>Receiver</Type><Code>ServiceUnavailable</Code><Message>${message}</Message></Error><RequestId>${id}</RequestId></ErrorResponse>`,
      }
    : plainError(503, 'ServiceUnavailableException', message, id)
  return { ...answer, headers: { ...answer.headers, 'Retry-After': '1' } }
}
