import { chmod, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { DataDirectoryError } from './data/data-directory.ts'
import { sentenceOf } from './sentence.ts'
import { readAll } from './read-stream.ts'

/** The status of who cannot do what it is asked, for another process does it. */
export const ELSEWHERE_STATUS = 421

/** What answers on a control socket. */
interface ControlSocketOptions {
  readonly path: string
  /** The longest body that is read, in bytes. */
  readonly longest: number
  readonly tooLong: () => Error
  /** Does what a command asks for; the body is its own, to be wiped. */
  readonly obey: (path: string, body: Buffer) => Promise<object>
  readonly statusOf: (error: unknown) => number
}

/**
 * Listens on the socket by which commands ask a server, which only the owner of its directory can open.
 *
 * @throws DataDirectoryError where it cannot be opened
 */
export async function openControlSocket({
  path,
  longest,
  tooLong,
  obey,
  statusOf,
}: ControlSocketOptions): Promise<Server> {
  await rm(path, { force: true })
  const server = createServer((request, response) => {
    const answer = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body))
    readAll(request, longest, tooLong)
      .then((body) => obey(request.url ?? '', body))
      .then(
        (result) => answer(200, result),
        (error: unknown) => answer(statusOf(error), { error: sentenceOf(error) }),
      )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(new DataDirectoryError(`The control socket ${path} cannot be opened: ${error.message}`, { cause: error }))
    })
    server.listen(path, resolve)
  })
  await chmod(path, 0o600)
  return server
}

/** Ends it, whatever is being asked. */
export function closeControlSocket(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
