import { randomUUID } from 'node:crypto'
import { parseArn } from '../domain/arn.ts'
import type { Region } from '../domain/region.ts'
import { callRecord, type ApiCall } from './call-record.ts'
import { lowerCamel } from './parse.ts'
import { EVENT_VERSION, resourceOf, timeOf } from './record-fields.ts'

/** One record: a line for the audit log. */
export interface AuditRecord {
  readonly eventId: string
  readonly text: string
}

/** The record of a call that one account has of it. */
export interface CallRecord extends AuditRecord {
  readonly recipient: string
}

/**
 * The records of one API call, in CloudTrail's shape.
 *
 * One for the caller's account and, where the call was allowed to use a key or a role of another account, one for that
 * account too; a refused call across accounts is recorded in the caller's account only (AWS KMS Developer Guide,
 * "Allowing users in other accounts to use a KMS key").
 */
export function recordCall(call: ApiCall): readonly CallRecord[] {
  const recipients = [call.caller.account]
  for (const arn of call.error === null ? call.resources : []) {
    const owner = parseArn(arn)?.account ?? ''
    if (!recipients.includes(owner)) recipients.push(owner)
  }
  const shared = recipients.length > 1 ? randomUUID() : undefined
  return recipients.map((recipient) => recordFor(call, recipient, shared))
}

function recordFor(call: ApiCall, recipient: string, sharedEventID: string | undefined): CallRecord {
  const eventId = randomUUID()
  return { eventId, text: callRecord(call, { eventId, recipient, shared: sharedEventID }), recipient }
}

/** What the service itself did to a key. */
export interface ServiceEvent {
  readonly eventName:
    | 'SynchronizeMultiRegionKey'
    | 'RotateKey'
    | 'DeleteKey'
    | 'DeleteExpiredKeyMaterial'
    | 'CreateKey'
    | 'UpdatePrimaryRegion'
    | 'ForgetRegion'
    | 'ForcePrimaryRegion'
  readonly region: Region
  readonly now: number
  readonly account: string
  readonly keyArn: string
  readonly requestParameters?: Readonly<Record<string, unknown>>
  readonly details?: Readonly<Record<string, unknown>>
  /** Of what a request in another Region has led to, that request. */
  readonly requestId?: string | undefined
}

/** What nobody has asked for over the API. */
const SERVICE_EVENTS: ReadonlySet<string> = new Set<ServiceEvent['eventName']>([
  'RotateKey',
  'DeleteKey',
  'DeleteExpiredKeyMaterial',
  'ForgetRegion',
  'ForcePrimaryRegion',
])

/** The record of something that the service did by itself: a rotation, a deletion, a synchronization. */
export function recordServiceEvent(event: ServiceEvent): AuditRecord {
  const eventId = randomUUID()
  const isServiceEvent = SERVICE_EVENTS.has(event.eventName)
  // The new primary's Region records the request that moved it: KMS asked, and the key is only in the parameters.
  const isMove = event.eventName === 'UpdatePrimaryRegion'
  const text = JSON.stringify({
    eventVersion: EVENT_VERSION,
    userIdentity: { accountId: event.account, invokedBy: isMove ? 'kms.amazonaws.com' : 'AWS Internal' },
    eventTime: timeOf(event.now),
    eventSource: 'kms.amazonaws.com',
    eventName: event.eventName,
    awsRegion: event.region,
    sourceIPAddress: 'AWS Internal',
    userAgent: 'AWS Internal',
    requestParameters: event.requestParameters ?? null,
    responseElements: null,
    requestID: isServiceEvent ? undefined : (event.requestId ?? randomUUID()),
    eventID: eventId,
    readOnly: false,
    resources: isMove ? undefined : [resourceOf(event.keyArn)],
    eventType: isServiceEvent ? 'AwsServiceEvent' : 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: event.account,
    serviceEventDetails: event.details,
    eventCategory: 'Management',
  })
  return { eventId, text }
}

/** What an operator did to an account with the powers of the deployment, and no credentials. */
export interface OperatorEvent {
  readonly eventName: 'CreateAccessKey' | 'DeleteAccessKey'
  readonly account: string
  readonly accessKeyId: string
  readonly now: number
}

/** The record of an access key of a root user that was made or deleted from the command line. */
export function recordOperatorEvent({ eventName, account, accessKeyId, now }: OperatorEvent): AuditRecord {
  const isMade = eventName === 'CreateAccessKey'
  return recordWithoutCredentials(OPERATOR, {
    account,
    now,
    eventSource: 'iam.amazonaws.com',
    eventName,
    awsRegion: RECORDED_IN,
    requestParameters: isMade ? null : { accessKeyId },
    responseElements: isMade ? { accessKey: { accessKeyId, status: 'Active' } } : null,
  })
}

/** What was done to the deployment itself: it belongs to no account. */
export interface DeploymentEvent {
  readonly eventName:
    | 'JoinDeployment'
    | 'TrustRegion'
    | 'DistrustRegion'
    | 'RenewIdentity'
    | 'TakeRenewedIdentity'
    | 'MoveHome'
    | 'RotateRootKey'
    | 'RotateDomainKeys'
    | 'ForgetRootKeys'
    | 'Unseal'
  readonly now: number
  /** The Region in whose log it stands; what belongs to none is recorded as in us-east-1. */
  readonly region?: Region
  /** The Region of another server that has brought it about; absent where an operator has. */
  readonly by?: Region
  readonly requestParameters: Readonly<Record<string, unknown>>
}

/** The record of what an operator did to the deployment, or what the server of a peer has brought about. */
export function recordDeploymentEvent(event: DeploymentEvent): AuditRecord {
  const { now, eventName, region = RECORDED_IN, by, requestParameters } = event
  const who = by === undefined ? OPERATOR : `keyspan peer ${by}`
  const rest = { requestParameters, responseElements: null }
  return recordWithoutCredentials(who, { now, eventSource: 'keyspan', eventName, awsRegion: region, ...rest })
}

/** What was done by somebody who needed no credentials. */
interface ActWithoutCredentials {
  /** Absent where it belongs to no account. */
  readonly account?: string
  readonly now: number
  readonly eventSource: string
  readonly eventName: string
  readonly awsRegion: Region
  readonly requestParameters: Readonly<Record<string, unknown>> | null
  readonly responseElements: Readonly<Record<string, unknown>> | null
}

function recordWithoutCredentials(who: string, { account, now, ...event }: ActWithoutCredentials): AuditRecord {
  const eventId = randomUUID()
  const text = JSON.stringify({
    eventVersion: EVENT_VERSION,
    userIdentity: { accountId: account, invokedBy: who },
    eventTime: timeOf(now),
    eventSource: event.eventSource,
    eventName: event.eventName,
    awsRegion: event.awsRegion,
    sourceIPAddress: who,
    userAgent: who,
    requestParameters: event.requestParameters,
    responseElements: event.responseElements,
    requestID: randomUUID(),
    eventID: eventId,
    readOnly: false,
    resources: [],
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: account ?? '',
    eventCategory: 'Management',
  })
  return { eventId, text }
}

/** The Region in which is recorded what belongs to none. */
const RECORDED_IN: Region = 'us-east-1'

/** Who acts through the data directory: whoever may enter it. */
const OPERATOR = 'keyspan operator'

/**
 * Members as a record spells them, without those that hold bytes.
 *
 * INVARIANT: no Buffer reaches a record. Every plaintext, ciphertext, signature and private key is a Buffer.
 */
export function asParameters(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const parameters: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined || Buffer.isBuffer(value)) continue
    // An encryption context's names are the customer's own.
    parameters[lowerCamel(name)] = name.includes('EncryptionContext') ? value : asParameter(value)
  }
  return parameters
}

function asParameter(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.filter((item) => !Buffer.isBuffer(item)).map(asParameter)
  return value !== null && typeof value === 'object' ? asParameters(value as Record<string, unknown>) : value
}
