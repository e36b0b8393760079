import type { Region } from '../../domain/region.ts'
import type { Attribute } from '../../storage/event-index/event.ts'
import type { EventPosition, FoundEvents } from '../../storage/event-index/find-events.ts'

/** Events of an account in a Region that are looked up. */
export interface LookupRequest {
  readonly account: string
  readonly region: Region
  readonly attribute: readonly [Attribute, string] | null
  /** The first and the last second, since 1970. */
  readonly oldest: number
  readonly newest: number
  readonly limit: number
  /** The last event of the page before; null for the first page. */
  readonly after: EventPosition | null
}

/**
 * Looks events up, the newest first, in the Region's records and in those of what belongs to no Region.
 *
 * @throws IndexBehindError
 */
export type LookUpEvents = (request: LookupRequest) => Promise<FoundEvents>
