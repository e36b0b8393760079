import { hash } from 'node:crypto'
import { z } from 'zod'
import { DAY_MS } from '../../../domain/limits.ts'
import { asParameters } from '../../../kernel/audit.ts'
import { need } from '../../../kernel/access/need.ts'
import type { Call } from '../../../kernel/call.ts'
import { readOperation } from '../../../kernel/operation.ts'
import { integer, list, structure, timestamp } from '../../../kernel/parse.ts'
import { IndexBehindError } from '../../../storage/event-index/event-index.ts'
import { ATTRIBUTES, readEvent } from '../../../storage/event-index/event.ts'
import type { EventPosition } from '../../../storage/event-index/find-events.ts'
import type { PageMarkers } from '../../../storage/page-markers.ts'
import { errors } from '../errors.ts'
import type { LookUpEvents, LookupRequest } from '../event-lookup.ts'

/** How far back events can be looked up (AWS CloudTrail User Guide, "Viewing recent management events"). */
export const LOOKUP_MS = 90 * DAY_MS
const MAX_RESULTS = 50
const MAX_INTEGER = 2 ** 31 - 1
/** The latest second that an event can have. */
const LAST_SECOND = 2 ** 32 - 1

const input = z.object({
  LookupAttributes: list(
    structure({ AttributeKey: z.enum(ATTRIBUTES), AttributeValue: z.string().min(1).max(2000) }),
    10,
  ).optional(),
  StartTime: timestamp.optional(),
  EndTime: timestamp.optional(),
  EventCategory: z.enum(['insight']).optional(),
  MaxResults: integer(-MAX_INTEGER, MAX_INTEGER).optional(),
  NextToken: z.string().max(4096).optional(),
})
type Input = z.infer<typeof input>

const position = z.object({ time: z.number(), source: z.number(), file: z.string(), offset: z.number() })

/** Looks up the events of the last 90 days, the newest first. */
export const lookupEvents = (lookUp: LookUpEvents) =>
  readOperation({
    name: 'LookupEvents',
    errors: Object.values(errors),
    input,
    load: (asked, call) => requestOf(asked, call),
    requires: (_asked, _request, { region }) => [need('cloudtrail:LookupEvents', '*', region)],
    async run(asked, request, call, { pageMarkers }) {
      // Insights are made of data that nothing here collects.
      if (asked.EventCategory === 'insight') return { Events: [] }
      const token = tokenOf(asked, call, pageMarkers)
      const { records, last } = await find(lookUp, { ...request, after: token.read() })
      return {
        Events: records.map((record) => eventOf(record)),
        ...(last !== null && { NextToken: token.write(last) }),
      }
    },
    record: (asked) => ({ requestParameters: asParameters(asked), responseElements: null, resources: [] }),
  })

/**
 * What is asked for, without what only the token says.
 *
 * @throws InvalidLookupAttributesException, InvalidMaxResultsException, InvalidTimeRangeException
 */
function requestOf(asked: Input, { now, caller: { account }, region }: Call): Omit<LookupRequest, 'after'> {
  const { LookupAttributes: attributes = [], MaxResults: limit = MAX_RESULTS, StartTime, EndTime } = asked
  const [attribute] = attributes
  if (attributes.length > 1) {
    const message = `LookupAttributes has ${attributes.length} attributes, and one is possible: keep ${attribute?.AttributeKey}.`
    throw errors.InvalidLookupAttributesException(message)
  }
  if (limit < 1 || limit > MAX_RESULTS) {
    throw errors.InvalidMaxResultsException(`MaxResults is ${limit}, and can be 1 to ${MAX_RESULTS}.`)
  }
  if (StartTime !== undefined && EndTime !== undefined && StartTime > EndTime) {
    const [start, end] = [StartTime.toISOString(), EndTime.toISOString()]
    throw errors.InvalidTimeRangeException(`StartTime ${start} is after EndTime ${end}: give the earlier one first.`)
  }
  return {
    account,
    region,
    attribute: attribute === undefined ? null : [attribute.AttributeKey, attribute.AttributeValue],
    oldest: Math.ceil(Math.max(StartTime?.getTime() ?? 0, now - LOOKUP_MS) / 1000),
    newest: Math.min(Math.floor((EndTime?.getTime() ?? Number.POSITIVE_INFINITY) / 1000), LAST_SECOND),
    limit,
  }
}

/** The tokens of a lookup: they go on with this one only, whatever the size of its pages. */
function tokenOf(asked: Input, { caller: { account } }: Call, markers: PageMarkers) {
  const { NextToken: given, MaxResults: _size, ...same } = asked
  const listing = { operation: `LookupEvents ${hash('sha256', JSON.stringify(same))}`, account }
  return {
    read(): EventPosition | null {
      if (given === undefined) return null
      const text = markers.open(listing, given)
      if (text !== null) return position.parse(JSON.parse(text))
      throw errors.InvalidNextTokenException(
        'NextToken is not one of this lookup: give the one that was answered last, with the same attributes and times.',
      )
    },
    write: (last: EventPosition) => markers.seal(listing, JSON.stringify(last)),
  }
}

async function find(lookUp: LookUpEvents, request: LookupRequest) {
  try {
    return await lookUp(request)
  } catch (error) {
    if (!(error instanceof IndexBehindError)) throw error
    throw errors.ServiceUnavailableException(
      `The index of the audit log is being made, and lacks ${error.missing} of its files for this time. Ask again in a ` +
        'minute, or for a StartTime that is later: the newest files come first.',
    )
  }
}

function eventOf(record: string) {
  const event = readEvent(record, false)
  if (event === null) throw new Error('INVARIANT: what is found is a record')
  return {
    EventId: event.eventId,
    EventName: event.eventName,
    ReadOnly: String(event.readOnly),
    AccessKeyId: event.accessKeyId,
    EventTime: new Date(event.time * 1000),
    EventSource: event.eventSource,
    Username: event.username,
    Resources: event.resources.map(({ type, name }) => ({ ResourceType: type, ResourceName: name })),
    CloudTrailEvent: record,
  }
}
