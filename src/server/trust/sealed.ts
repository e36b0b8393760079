import pLimit from 'p-limit'
import type { RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import { openControlSocket } from '../control-socket.ts'
import type { DataDirectory } from '../data/data-directory.ts'
import type { TlsFiles } from '../http/http.ts'
import { serveRefusing } from '../http/refusing.ts'
import type { RootOpening } from './open-root.ts'

/** The longest command that a sealed server reads, in bytes. */
const MAX_COMMAND = 8192
const MESSAGE =
  'The server is sealed: it waits for its passphrase, or the PIN of its HSM. An operator gives it with keyspan unseal.'

/** Where a sealed server waits. */
export interface SealedPlace {
  readonly data: DataDirectory
  readonly host: string
  readonly port: number
  readonly tls: TlsFiles | null
  readonly onError: (error: unknown) => void
  /** Told the address once it waits. */
  readonly onSealed: (url: string) => void
}

/** A server that was unsealed, and still answers that it does not serve. */
export interface Unsealed {
  readonly root: RootKeyProvider
  /** Whether an operator has given the passphrase. */
  readonly isByOperator: boolean
  /** The port that it has. */
  readonly port: number
  /** Gives the address free. */
  close(): Promise<void>
}

/**
 * Waits until an operator has given the passphrase over the control socket. Requests are answered with the status 503
 * meanwhile, which clients try again.
 *
 * Each guess takes what the passphrase costs, one after the other.
 */
export async function waitUnsealed(opening: RootOpening, place: SealedPlace): Promise<Unsealed> {
  await using opened = new AsyncDisposableStack()
  const http = await serveRefusing(place, { status: 'sealed', message: MESSAGE })
  opened.defer(() => http.close())
  const { promise, resolve } = Promise.withResolvers<RootKeyProvider>()
  const control = await listenForPassphrase(place.data, opening, resolve)
  place.onSealed(http.url)
  try {
    const root = await promise
    const kept = opened.move()
    return { root, port: http.port, isByOperator: true, close: () => kept.disposeAsync() }
  } finally {
    await control.close()
  }
}

/** Whether the passphrase is made up then: an HSM has a PIN already. */
export function isChosen({ kind, isNew }: RootOpening): boolean {
  return isNew && kind === 'passphrase'
}

async function listenForPassphrase(
  { controlSocket }: DataDirectory,
  opening: RootOpening,
  unsealed: (root: RootKeyProvider) => void,
): Promise<{ close(): Promise<void> }> {
  const oneByOne = pLimit(1)
  const obey = async (path: string, body: Buffer): Promise<object> => {
    if (path === '/sealed') return { isSealed: true, isNew: isChosen(opening), kind: opening.kind }
    if (path !== '/unseal') throw new Error(MESSAGE)
    const root = await oneByOne(() => opening.open(body))
    setImmediate(() => unsealed(root))
    return { text: isChosen(opening) ? 'The passphrase is set, and the server starts.' : 'The server is unsealed.' }
  }
  const server = await openControlSocket({
    path: controlSocket,
    longest: MAX_COMMAND,
    tooLong: () => new Error('The command is too long.'),
    statusOf: () => 400,
    obey: (path, body) => obey(path, body).finally(() => body.fill(0)),
  })
  // Its last answer is on its way: idle connections are closed, and this one when it has been read.
  return { close: () => new Promise((resolve) => server.close(() => resolve())) }
}
