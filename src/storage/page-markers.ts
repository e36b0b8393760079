import { newestOf, unwrapSecretOfAny, wrapSecret, type DomainKey } from '../crypto/sealing/keyring.ts'
import type { Region } from '../domain/region.ts'

const LABEL = 'kms/pagination/v1'

/** The listing that a marker belongs to; its Region is that of whoever makes the marker. */
export interface Listing {
  readonly operation: string
  readonly account: string
}

/**
 * Makes and reads the markers by which the listings of one Region go on.
 *
 * A marker is sealed, so that a client can neither read it nor make one, and bound to its operation, account and
 * Region. It does not expire, and is another each time.
 */
export interface PageMarkers {
  /** @param after the name of the last item that was given */
  seal(listing: Listing, after: string): string
  /** Null where the marker was not given to this listing. */
  open(listing: Listing, marker: string): string | null
}

/** The markers of a Region, under the newest of its domain keys; those of older ones can still be read. */
export function createPageMarkers(domainKeys: readonly DomainKey[], region: Region): PageMarkers {
  const contextOf = ({ operation, account }: Listing) => JSON.stringify([operation, account, region])

  return {
    seal: (listing, after) => wrapSecret(newestOf(domainKeys), LABEL, contextOf(listing), Buffer.from(after)),
    open(listing, marker) {
      // Only the text that was given out is the marker, and not another that decodes to the same bytes.
      if (Buffer.from(marker, 'base64').toString('base64') !== marker) return null
      return unwrapSecretOfAny(domainKeys, LABEL, contextOf(listing), marker)?.toString() ?? null
    },
  }
}
