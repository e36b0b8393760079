import { createServer } from 'node:net'
import { ConfigError } from '../config/config-error.ts'
import { reasonOf } from '../system-errors.ts'

/** By which flags an address is given. */
export interface AddressFlags {
  readonly host: string
  readonly port: string
}

/** Those of what other processes of the same database ask. */
export const NODE_FLAGS: AddressFlags = { host: '--node-address', port: '--node-address' }
/** Those of what clients ask. */
const MAIN: AddressFlags = { host: '--host', port: '--port' }

/**
 * Requires that a server can listen there, before it makes anything.
 *
 * @param port 0 is any
 * @throws ConfigError
 */
export async function requireFreeAddress(host: string, port: number, flags = MAIN): Promise<void> {
  const address = await holdAddress({ host, port }, flags)
  await address.release()
}

/**
 * Keeps an address from others until it is released: nobody who connects there is answered. Port 0 is any.
 *
 * @throws ConfigError
 */
export function holdAddress(
  { host, port }: { readonly host: string; readonly port: number },
  flags: AddressFlags,
): Promise<{ readonly release: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const holder = createServer((socket) => socket.destroy())
    const release = () => new Promise<void>((released) => holder.close(() => released()))
    holder.once('error', (error) => reject(addressError(error, host, port, flags)))
    holder.listen(port, host, () => resolve({ release }))
  })
}

/** The address of a server that listens there. */
export function urlAt(isTls: boolean, host: string, port: number): string {
  return `${isTls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Where clients on this machine find a server: one that listens at every address is at none of that name. */
export function reachable(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:')
}

/** What keeps a server from listening, as a sentence. */
export function addressError(
  error: NodeJS.ErrnoException,
  host: string,
  port: number,
  flags: AddressFlags = MAIN,
): ConfigError {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Another program listens on port ${port} of ${host}. Stop it, or give ${flags.port} another; 0 takes a free one.`,
    EADDRNOTAVAIL: `This machine has no address ${host}. Give ${flags.host} one of its own, such as 127.0.0.1.`,
    ENOTFOUND: `There is no host ${host}. Give ${flags.host} an address of this machine, such as 127.0.0.1.`,
    EACCES: `This user may not listen on port ${port}. Give ${flags.port} a number from 1024 on.`,
  }
  const reason = reasons[error.code ?? ''] ?? `Nobody can listen on port ${port} of ${host}: ${reasonOf(error)}.`
  return new ConfigError(reason, { cause: error })
}
