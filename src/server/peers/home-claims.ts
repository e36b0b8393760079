import type { Region } from '../../domain/region.ts'
import type { HomeSeat } from './home-seat.ts'

/** The header by which servers tell each other who has the accounts. */
export const CLAIM = 'x-keyspan-home'

/** Who has the accounts, as somebody says. */
export interface HomeClaim {
  readonly epoch: number
  readonly home: Region
}

/** What this server knows of the home, and what it hears. */
export interface HomeClaims {
  /** What it says itself. */
  readonly own: () => string
  /** Hears what a trusted Region says; whatever is no claim says nothing. */
  hear(text: string | undefined): void
  /** Who has the accounts by a newer word than this server's own; null where nobody says so. */
  readonly superseding: () => HomeClaim | null
  /** Who else believes to have the accounts by the same move, as was said moments ago; null where nobody says so. */
  readonly rival: () => Region | null
}

/** So long what somebody has said holds, in milliseconds: they say it every few seconds. */
const HOLDS_MS = 30_000

/**
 * Two servers that each believe to have the accounts find out by the epoch: the one with the lower changes nothing more.
 *
 * @param seat what this server knows
 * @param speaker the Region that speaks for this server where the home is here
 * @param onNewEpoch called with the newer epoch of the home that is followed: the seat has it from then on
 * @param onSuperseded called once for each newer home
 */
export function createHomeClaims(
  seat: () => Pick<HomeSeat, 'home' | 'epoch'>,
  speaker: Region,
  onNewEpoch: (epoch: number) => void,
  onSuperseded: (claim: HomeClaim) => void,
): HomeClaims {
  let newest: HomeClaim | null = null
  let rival: (HomeClaim & { readonly at: number }) | null = null
  const homeNow = (): Region => seat().home ?? speaker
  const superseding = (): HomeClaim | null =>
    newest !== null && newest.epoch > seat().epoch && newest.home !== homeNow() ? newest : null
  return {
    own: () => claimText({ epoch: seat().epoch, home: homeNow() }),
    superseding,
    rival() {
      const isSaid = rival !== null && rival.epoch === seat().epoch && rival.home !== homeNow()
      return isSaid && rival !== null && performance.now() - rival.at < HOLDS_MS ? rival.home : null
    },
    hear(text) {
      const claim = parseClaim(text)
      if (claim !== null && claim.epoch === seat().epoch && claim.home !== homeNow()) {
        rival = { ...claim, at: performance.now() }
      }
      if (claim === null || claim.epoch <= (superseding()?.epoch ?? seat().epoch)) return
      newest = claim
      if (claim.home === homeNow()) onNewEpoch(claim.epoch)
      else onSuperseded(claim)
    },
  }
}

export function claimText({ epoch, home }: HomeClaim): string {
  return `${epoch} ${home}`
}

/** Null for what is no claim. */
export function parseClaim(text: string | undefined): HomeClaim | null {
  const [, epoch, home] = /^(\d{1,9}) ([a-z0-9-]{1,32})$/.exec(text ?? '') ?? []
  return epoch === undefined || home === undefined ? null : { epoch: Number(epoch), home }
}
