import { createRecent } from '../domain/recent.ts'
import type { Region } from '../domain/region.ts'
import { cut } from '../domain/text/cut.ts'
import type { Caller } from './identities/caller.ts'
import { EVENT_VERSION, resourceOf, timeOf } from './record-fields.ts'

/** The limits of a record's fields, in characters (AWS CloudTrail User Guide, "CloudTrail record contents"). */
const MAX_ELEMENTS = 100 * 1024
const MAX_ADDITIONAL = 28 * 1024
const MAX_TEXT = 1024
/** How many keys and roles are kept as records name them. */
const RESOURCES = 1000

/** What a record of an API call tells. */
export interface ApiCall {
  readonly eventSource: string
  readonly eventName: string
  readonly readOnly: boolean
  readonly region: Region
  readonly now: number
  readonly requestId: string
  readonly caller: Caller
  readonly sourceIp: string
  readonly userAgent: string
  readonly via?: readonly string[]
  readonly requestParameters?: Readonly<Record<string, unknown>> | null
  /** Left out of the record of a refusal. */
  readonly responseElements?: Readonly<Record<string, unknown>> | null
  readonly additionalEventData?: Readonly<Record<string, unknown>>
  /** ARNs of the keys and roles that were used. */
  readonly resources: readonly string[]
  readonly error: { readonly code: string; readonly message: string } | null
}

/** What one account's record of a call has of its own. */
export interface RecordPlace {
  readonly eventId: string
  readonly recipient: string
  /** The same in the records of all accounts that have one of the call. */
  readonly shared: string | undefined
}

/** What of a record a caller can make long, as JSON. */
interface Elements {
  readonly requestParameters: string
  readonly responseElements: string
  readonly additionalEventData: string | undefined
}

/**
 * The text of a call's record: to the letter what JSON.stringify makes of its fields, in CloudTrail's order.
 *
 * One is written for each request. It is put together from pieces: who calls, what is used and the second are the same
 * in many, and are written as JSON once.
 */
export function callRecord(call: ApiCall, place: RecordPlace): string {
  const elements: Elements = {
    requestParameters: JSON.stringify(call.requestParameters ?? null),
    responseElements: JSON.stringify(call.error === null ? (call.responseElements ?? null) : null),
    additionalEventData: call.additionalEventData && JSON.stringify(call.additionalEventData),
  }
  const text = textOf(call, place, elements)
  if (text.length <= MAX_ADDITIONAL) return text
  const { requestParameters, responseElements, additionalEventData } = elements
  return textOf(call, place, {
    requestParameters: bounded('requestParameters', requestParameters, MAX_ELEMENTS),
    responseElements: bounded('responseElements', responseElements, MAX_ELEMENTS),
    additionalEventData: additionalEventData && bounded('additionalEventData', additionalEventData, MAX_ADDITIONAL),
  })
}

function textOf(call: ApiCall, { eventId, recipient, shared }: RecordPlace, elements: Elements): string {
  const { error } = call
  return (
    `{"eventVersion":"${EVENT_VERSION}","userIdentity":${identityOf(call)},"eventTime":"${timeOf(call.now)}",` +
    `"eventSource":${json(call.eventSource)},"eventName":${json(call.eventName)},"awsRegion":${json(call.region)},` +
    `"sourceIPAddress":${json(call.sourceIp)},"userAgent":${json(cut(call.userAgent, MAX_TEXT))}` +
    (error === null ? '' : `,"errorCode":${json(codeOf(error))},"errorMessage":${json(cut(error.message, MAX_TEXT))}`) +
    `,"requestParameters":${elements.requestParameters},"responseElements":${elements.responseElements}` +
    (elements.additionalEventData === undefined ? '' : `,"additionalEventData":${elements.additionalEventData}`) +
    `,"requestID":${json(call.requestId)},"eventID":"${eventId}","readOnly":${call.readOnly}` +
    `,"resources":[${call.resources.map(resourceText).join(',')}],"eventType":"AwsApiCall","managementEvent":true` +
    `,"recipientAccountId":${json(recipient)}${shared === undefined ? '' : `,"sharedEventID":"${shared}"`}` +
    ',"eventCategory":"Management"}'
  )
}

const json = (text: string): string => JSON.stringify(text)

/** CloudTrail's general convention writes AccessDenied for AccessDeniedException. */
function codeOf({ code }: NonNullable<ApiCall['error']>): string {
  return code === 'AccessDeniedException' ? 'AccessDenied' : code
}

/** Who calls, as JSON: a caller is one object for as long as it is known. */
const identities = new WeakMap<Caller, string>()

function identityOf({ caller, via }: ApiCall): string {
  const known = via === undefined ? identities.get(caller) : undefined
  if (known !== undefined) return known
  const { record, arn, account: accountId, accessKeyId } = caller
  const text = JSON.stringify({ ...record, arn, accountId, accessKeyId, invokedBy: via?.at(-1) })
  if (via === undefined) identities.set(caller, text)
  return text
}

const resources = createRecent<string, string>(RESOURCES)

function resourceText(arn: string): string {
  const known = resources.get(arn)
  if (known !== undefined) return known
  const text = JSON.stringify(resourceOf(arn))
  resources.set(arn, text)
  return text
}

/** A field, as JSON, that is too long for a record is left out, and the record says so, as CloudTrail's do. */
function bounded(name: string, text: string, max: number): string {
  if (text.length <= max) return text
  const reason = `${name} is larger than ${max} characters`
  return JSON.stringify({ omitted: true, originalSize: text.length, reason })
}
