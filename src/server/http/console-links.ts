import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Links that sign somebody in once, without a key to be typed. */
export interface ConsoleLinks {
  /** Makes one for the root user of an account; only whoever is given the token can use it, once and within a minute. */
  make(account: string): string
  /** The account of a token, which is of no use from then on; null where it is of none. */
  redeem(token: string): string | null
}

/** How long a link can be used, in milliseconds. */
const USABLE_MS = 60_000
const TOKEN_BYTES = 32
/** How many there may be at once; the oldest go first. */
const MOST = 100

interface Link {
  /** SHA-256 of the token: whoever reads the memory of this process has none. */
  readonly digest: Buffer
  readonly account: string
  readonly until: number
}

/** Links of which there is none yet. They are in memory only. */
export function createConsoleLinks(now: () => number = () => performance.now()): ConsoleLinks {
  let links: readonly Link[] = []
  return {
    make(account) {
      const token = randomBytes(TOKEN_BYTES).toString('base64url')
      const usable = links.filter(({ until }) => until > now())
      links = [...usable, { digest: digestOf(token), account, until: now() + USABLE_MS }].slice(-MOST)
      return token
    },
    redeem(token) {
      const digest = digestOf(token)
      // Each is compared: how long it takes tells nothing.
      const found = links.filter((link) => timingSafeEqual(link.digest, digest))
      links = links.filter((link) => !found.includes(link))
      return found.find(({ until }) => until > now())?.account ?? null
    },
  }
}

function digestOf(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}
