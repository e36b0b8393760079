import { useInfiniteQuery } from '@tanstack/react-query'
import type { Asking } from '../../api/client.ts'
import { lookUpEvents, type EventAttribute, type LookedUpEvent } from '../../api/cloudtrail.ts'
import { useSignedIn } from '../../shell/place.ts'

/** An event with what its record says. */
export interface TimelineEvent {
  readonly id: string
  readonly name: string
  readonly source: string
  readonly region: string
  /** In seconds since 1970. */
  readonly time: number
  readonly by: string
  readonly readOnly: boolean
  /** Null where it was done. */
  readonly errorCode: string | null
  readonly record: string
}

/** Where a Region's events go on; null where there are no more. */
type Ends = Readonly<Record<string, string | null>>

interface TimelinePage {
  readonly events: readonly TimelineEvent[]
  readonly ends: Ends
}

/** What has happened in Regions, the newest first; each Region is asked for what it has, page by page. */
export function useTimeline(regions: readonly string[], attributeOf: (region: string) => EventAttribute | null) {
  const { credentials } = useSignedIn()
  const asked = regions.map((region) => ({ region, attribute: attributeOf(region) }))
  return useInfiniteQuery({
    queryKey: ['events', credentials.accessKeyId, asked],
    initialPageParam: Object.fromEntries(regions.map((region) => [region, ''])) as Ends,
    queryFn: ({ pageParam }) => loadPage((region) => ({ credentials, region }), pageParam, attributeOf),
    getNextPageParam: ({ ends }: TimelinePage) => (Object.values(ends).some((end) => end !== null) ? ends : null),
  })
}

async function loadPage(
  askingIn: (region: string) => Asking,
  from: Ends,
  attributeOf: (region: string) => EventAttribute | null,
): Promise<TimelinePage> {
  const open = Object.entries(from).flatMap(([region, token]) => (token === null ? [] : [{ region, token }]))
  const pages = await Promise.all(
    open.map(async ({ region, token }) => {
      const page = await lookUpEvents(askingIn(region), attributeOf(region), token === '' ? undefined : token)
      return { region, page }
    }),
  )
  return {
    events: pages.flatMap(({ region, page }) => page.Events.map((event) => eventOf(event, region))),
    ends: { ...from, ...Object.fromEntries(pages.map(({ region, page }) => [region, page.NextToken ?? null])) },
  }
}

interface RecordText {
  readonly errorCode?: string
  readonly userIdentity?: { readonly arn?: string; readonly invokedBy?: string }
}

function eventOf(event: LookedUpEvent, region: string): TimelineEvent {
  const { errorCode, userIdentity } = JSON.parse(event.CloudTrailEvent) as RecordText
  return {
    id: event.EventId,
    name: event.EventName,
    source: event.EventSource.replace(/\.amazonaws\.com$/, ''),
    region,
    time: event.EventTime,
    by: userIdentity?.arn ?? userIdentity?.invokedBy ?? event.Username ?? '-',
    readOnly: event.ReadOnly === 'true',
    errorCode: errorCode ?? null,
    record: event.CloudTrailEvent,
  }
}

/** Events of several Regions in one order: the newest first. */
export function inOrder(pages: readonly TimelinePage[]): readonly TimelineEvent[] {
  return pages.flatMap(({ events }) => events).toSorted((one, other) => other.time - one.time)
}
