import type { Server } from 'node:http'
import type { Logger } from 'pino'
import type { WireHandler } from '../protocol/wire.ts'
import type { Config } from './config/config.ts'
import { closeControlSocket, ELSEWHERE_STATUS, openControlSocket } from './control-socket.ts'
import type { DataDirectory } from './data/data-directory.ts'
import { createConsole, isForConsole } from './http/console.ts'
import { serveHttp, type HttpServer, type TlsFiles } from './http/http.ts'
import { isLoopback } from './http/loopback.ts'
import { answerPlain, isPlain, type PlainPowers } from './http/plain-requests.ts'
import { refusingAnswer } from './http/refusing.ts'
import { BODIES } from './http/serve-engine.ts'
import type { FollowerReport } from './metrics/node-metrics.ts'
import type { Following } from './nodes/following.ts'
import { SERVED } from '../storage/postgres/hold.ts'
import type { ServerAbout } from './watch.ts'

const STANDBY = {
  status: 'standby',
  message: 'This server is a standby: it waits for its database, or another one serves it. Try again.',
}

/** More than any command. */
const MAX_COMMAND_BYTES = 256 * 1024

/** A server that waits for its database, or follows another process that has it. */
interface Waiting {
  readonly onWait: (reason: string) => void
  /** Answers as a follower from now on. */
  follow(following: Following): void
  /** Told where the process is that leads; and why this one does not answer by itself, or null. */
  readonly onState: (address: string, reason: string | null) => void
  /** Leaves its address to others while they work. */
  aside<Result>(work: () => Promise<Result>): Promise<Result>
  /** How it follows; null while it only stands by. */
  readonly report: () => FollowerReport | null
  close(): Promise<void>
}

/** Answers every request with the status 503, as long as no process is followed that serves, until it is closed. */
export async function openWaiting(
  config: Pick<Config, 'host' | 'port' | 'console'>,
  data: DataDirectory,
  tls: TlsFiles | null,
  log: Logger,
  { waits = () => {}, follows = () => {} }: ServerAbout,
): Promise<Waiting> {
  let following: Following | null = null
  const link = () => following?.link() ?? null
  const open = () => serveWaiting(link, config, tls, log)
  let told = SERVED
  const openControl = () => refuseCommands(data, () => told)
  let http: HttpServer | null = await open()
  let control: Server | null = await openControl()
  const close = async (): Promise<void> => {
    if (control !== null) await closeControlSocket(control)
    control = null
    await http?.close()
    http = null
  }
  const stop = async (): Promise<void> => {
    await close()
    await following?.finish()
    await following?.stop()
  }
  let isTold = false
  const say = (text: string, tell: (url: string) => void): void => {
    if (isTold && text === told) return
    isTold = true
    told = text
    if (http !== null) tell(http.url)
  }
  const onWait = (reason: string): void =>
    say(reason, (url) => {
      log.warn({ reason }, 'standby')
      waits(url, reason)
    })
  return {
    onWait,
    report: () => following?.report() ?? null,
    follow(next) {
      following = next
    },
    onState(address, reason) {
      if (reason !== null) return onWait(`the process at ${address} leads, and ${reason}`)
      say(`it follows the one at ${address}`, (url) => {
        log.info({ leader: address }, 'follower')
        follows(url, address, { stop })
      })
    },
    async aside(work) {
      await close()
      const result = await work()
      http = await open()
      control = await openControl()
      return result
    },
    close,
  }
}

/** Refuses the commands of its data directory: they are for the process that leads. */
function refuseCommands(data: DataDirectory, why: () => string): Promise<Server> {
  return openControlSocket({
    path: data.controlSocket,
    longest: MAX_COMMAND_BYTES,
    tooLong: () => new Error('The command is too long.'),
    statusOf: () => ELSEWHERE_STATUS,
    async obey(_path, body) {
      body.fill(0)
      throw new Error(
        `The process of ${data.path} does not lead: ${why()}. Say it in the data directory of the one that does.`,
      )
    },
  })
}

function serveWaiting(
  link: () => ReturnType<Following['link']>,
  { host, port, console }: Pick<Config, 'host' | 'port' | 'console'>,
  tls: TlsFiles | null,
  log: Logger,
): Promise<HttpServer> {
  const powers: PlainPowers = {
    isHealthy: () => link()?.isGood() === true,
    reset: null,
    console: (console ?? isLoopback(host)) ? createConsole(async () => null) : null,
    role: 'follower',
  }
  const handler: WireHandler = async (request) => {
    const followed = link()
    if (followed === null) return refusingAnswer(request, STANDBY)
    // Links to sign in are made by the process that leads, which knows them.
    if (request.method === 'POST' && isForConsole(request)) return followed.passOn(request)
    return answerPlain(request, powers) ?? followed.handle(request)
  }
  return serveHttp({
    handler,
    async refuseHead(head) {
      const followed = link()
      if (followed === null) return refusingAnswer(head, STANDBY)
      return isPlain(head, powers) ? null : followed.refuseHead(head)
    },
    host,
    port,
    ...(tls !== null && { tls }),
    onError: (error) => log.error({ err: error }, 'request failed'),
    bodies: BODIES,
  })
}
