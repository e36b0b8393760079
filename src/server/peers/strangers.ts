import { isIPv6, type Socket } from 'node:net'
import { createRecent } from '../../domain/recent.ts'

/** What those may have of a listener who have not proved yet who they are. */
export interface StrangerLimits {
  /** How long each has to prove it, in milliseconds. */
  readonly ms: number
  /** How many there may be at a time. */
  readonly inAll: number
  /** How many of them from one network: an IPv4 address, or the first half of an IPv6 address. */
  readonly perNetwork: number
  /** How many may begin in a second from one network, over a second or in a burst. */
  readonly perSecond: number
}

/** Connections are strangers until somebody says that they are not. */
export interface Strangers {
  /** Lets a connection in as a stranger. Where there are too many, the oldest makes place, or it is turned away. */
  admit(socket: Socket): void
  /** The other end has proved who it is. */
  acknowledge(socket: Pick<Socket, 'remoteAddress' | 'remotePort'>): void
  /** Ends all connections that were let in. */
  end(): void
}

/** More networks than this are not remembered. */
const NETWORKS = 10_000

interface Stranger {
  readonly socket: Socket
  readonly network: string
  readonly timer: NodeJS.Timeout
}

/**
 * Bounds what strangers cost. Who comes last has the better claim: a Region proves itself within moments, and only who
 * does not is still there when others come.
 */
export function createStrangers(limits: StrangerLimits): Strangers {
  const all = new Set<Socket>()
  /** The oldest first. */
  const strangers = new Map<string, Stranger>()
  const begun = createRecent<string, { since: number; count: number }>(NETWORKS)

  const drop = (name: string): void => {
    const stranger = strangers.get(name)
    if (stranger === undefined) return
    clearTimeout(stranger.timer)
    strangers.delete(name)
  }
  const makePlace = (network: string): void => {
    const own = [...strangers.values()].filter((each) => each.network === network)
    if (own.length >= limits.perNetwork) own[0]?.socket.destroy()
    else if (strangers.size >= limits.inAll) strangers.values().next().value?.socket.destroy()
  }
  const isTooFast = (network: string): boolean => {
    const now = performance.now()
    const known = begun.get(network)
    const counted = known === undefined || now - known.since >= 1000 ? { since: now, count: 0 } : known
    counted.count += 1
    begun.set(network, counted)
    return counted.count > limits.perSecond
  }

  return {
    admit(socket) {
      const network = networkOf(socket.remoteAddress ?? '')
      if (isTooFast(network)) return void socket.destroy()
      const name = nameOf(socket)
      makePlace(network)
      all.add(socket)
      strangers.set(name, { socket, network, timer: setTimeout(() => socket.destroy(), limits.ms) })
      socket.once('close', () => {
        all.delete(socket)
        drop(name)
      })
    },
    acknowledge: (socket) => drop(nameOf(socket)),
    end() {
      for (const socket of all) socket.destroy()
    },
  }
}

/** The same for a connection and for the TLS on it. */
function nameOf({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress} ${remotePort}`
}

/** Whoever has one IPv6 address has 2^64 of them. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (!isIPv6(plain)) return plain
  const [before = '', after] = plain.split('::')
  const groups = before === '' ? [] : before.split(':')
  const zeros = after === undefined ? [] : Array.from({ length: 4 }, () => '0')
  return [...groups, ...zeros].slice(0, 4).join(':')
}
