import type { Logger } from 'pino'
import type { WireHandler } from '../../protocol/wire.ts'
import type { Engine } from '../engine.ts'
import { serveHttp, type HttpServer, type TlsFiles } from './http.ts'
import { isLoopback } from './loopback.ts'
import { createConsole, type SignInByLink } from './console.ts'
import { whileHeld } from './while-held.ts'
import { answerPlain, isPlain, type PlainPowers } from './plain-requests.ts'

/** The longest body that any request needs, which is a simulation of many policies; and all that come at once. */
export const BODIES = { longest: 512 * 1024, together: 64 * 1024 * 1024 }

/** Where to listen. */
interface Address {
  readonly host: string
  readonly port: number
  readonly tls: TlsFiles | null
  /** Whether the console is served; null for where only this machine can reach it. */
  readonly console: boolean | null
}

/**
 * Serves an engine over HTTP or HTTPS.
 *
 * @param current asked with each request: an ephemeral server has another engine after a reset
 * @param around what is done around each request
 */
export async function serveEngine(
  current: () => Engine,
  { host, port, tls, console }: Address,
  log: Logger,
  {
    reset = null,
    signIn = async () => null,
    around = (handle) => handle,
    isHeld = () => true,
    role = null,
  }: ServeOptions = {},
): Promise<HttpServer & { readonly handler: WireHandler }> {
  const powers: PlainPowers = {
    isHealthy: () => isHeld() && current().isHealthy(),
    reset,
    console: (console ?? isLoopback(host)) ? createConsole(signIn) : null,
    role,
  }
  const handle = whileHeld(
    isHeld,
    around((request) => current().handle(request)),
  )
  const handler: WireHandler = (request) => answerPlain(request, powers) ?? handle(request)
  const http = await serveHttp({
    handler,
    refuseHead: (head) => (isPlain(head, powers) ? Promise.resolve(null) : current().refuseHead(head)),
    host,
    port,
    ...(tls !== null && { tls }),
    onError: (error) => log.error({ err: error }, 'request failed'),
    bodies: BODIES,
  })
  return { ...http, handler }
}

/** What some servers do, and others not. */
interface ServeOptions {
  readonly reset?: PlainPowers['reset']
  readonly signIn?: SignInByLink
  readonly around?: (handle: WireHandler) => WireHandler
  /** Whether this process may answer now: not where another may serve the same. */
  readonly isHeld?: () => boolean
  readonly role?: PlainPowers['role']
}
