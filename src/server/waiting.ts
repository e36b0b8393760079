import type { Logger } from 'pino'
import type { Config } from './config/config.ts'
import type { HttpServer, TlsFiles } from './http/http.ts'
import { serveRefusing } from './http/refusing.ts'
import type { ServerAbout } from './watch.ts'

const STANDBY = {
  status: 'standby',
  message: 'This server is a standby: it waits for its database, or another one serves it. Try again.',
}

/** A server that waits for its database, and answers that it does. */
interface Waiting {
  readonly onWait: (reason: string) => void
  /** Leaves its address to others while they work. */
  aside<Result>(work: () => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

/** Answers every request with the status 503 until it is closed. */
export async function openWaiting(
  { host, port }: Pick<Config, 'host' | 'port'>,
  tls: TlsFiles | null,
  log: Logger,
  { waits = () => {} }: ServerAbout,
): Promise<Waiting> {
  const onError = (error: unknown) => log.error({ err: error }, 'request failed')
  const open = () => serveRefusing({ host, port, tls, onError }, STANDBY)
  let http: HttpServer | null = await open()
  let told = ''
  const close = async (): Promise<void> => {
    await http?.close()
    http = null
  }
  return {
    onWait(reason) {
      if (reason === told) return
      told = reason
      log.warn({ reason }, 'standby')
      if (http !== null) waits(http.url, reason)
    },
    async aside(work) {
      await close()
      const result = await work()
      http = await open()
      return result
    },
    close,
  }
}
