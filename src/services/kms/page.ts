import type { Powers } from '../../kernel/operation.ts'
import type { Call } from '../../kernel/call.ts'
import { errors } from './errors.ts'

/** One page of a listing, as every listing of the API tells it. */
interface PageOf<Item> {
  readonly items: readonly Item[]
  readonly Truncated: boolean
  readonly NextMarker?: string
}

/** A listing that is given page by page. */
interface Paged {
  /**
   * After which name it goes on; null from the beginning.
   *
   * @throws InvalidMarkerException where the marker was not given by this operation, in this account and Region
   */
  after(marker: string | undefined): string | null
  /** Cuts a listing that was read one item further than the page is long. */
  cut<Item>(items: readonly Item[], limit: number, nameOf: (item: Item) => string): PageOf<Item>
}

/** A listing by one operation in the caller's account. */
export function paged(operation: string, { caller }: Call, { pageMarkers }: Pick<Powers, 'pageMarkers'>): Paged {
  const listing = { operation, account: caller.account }
  return {
    after(marker) {
      if (marker === undefined) return null
      const after = pageMarkers.open(listing, marker)
      if (after !== null) return after
      throw errors.InvalidMarkerException()
    },
    cut(items, limit, nameOf) {
      const last = items[limit - 1]
      if (items.length <= limit || last === undefined) return { items, Truncated: false }
      return { items: items.slice(0, limit), Truncated: true, NextMarker: pageMarkers.seal(listing, nameOf(last)) }
    },
  }
}
