import { askJson, type Asking } from './client.ts'

const CLOUDTRAIL = { service: 'cloudtrail', target: 'CloudTrail_20131101' }

/** An event, as LookupEvents tells of it. */
export interface LookedUpEvent {
  readonly EventId: string
  readonly EventName: string
  readonly EventSource: string
  /** In seconds since 1970. */
  readonly EventTime: number
  readonly Username?: string
  readonly ReadOnly: string
  /** The whole record, as JSON. */
  readonly CloudTrailEvent: string
}

/** What events are looked up by. */
export interface EventAttribute {
  readonly AttributeKey: 'EventName' | 'ResourceName' | 'Username' | 'ReadOnly' | 'EventSource'
  readonly AttributeValue: string
}

/** A page of events, the newest first. */
export interface EventPage {
  readonly Events: readonly LookedUpEvent[]
  readonly NextToken?: string
}

/** Looks up the events of a Region. @throws ApiError */
export function lookUpEvents(
  asking: Asking,
  attribute: EventAttribute | null,
  NextToken: string | undefined,
): Promise<EventPage> {
  const LookupAttributes = attribute === null ? [] : [attribute]
  return askJson<EventPage>(asking, CLOUDTRAIL, 'LookupEvents', { LookupAttributes, NextToken, MaxResults: 50 })
}
