import { hash } from 'node:crypto'
import type { Region } from '../../domain/region.ts'

/** What events can be looked up by (AWS CloudTrail API Reference, LookupAttribute). */
export const ATTRIBUTES = [
  'EventId',
  'EventName',
  'ReadOnly',
  'Username',
  'ResourceType',
  'ResourceName',
  'EventSource',
  'AccessKeyId',
] as const
export type Attribute = (typeof ATTRIBUTES)[number]

/** What a record says that it can be found by. */
export interface IndexedEvent {
  /** Whose record it is. */
  readonly account: string
  /** The Region in which it is looked up. */
  readonly region: Region
  /** In seconds since 1970. */
  readonly time: number
  readonly eventId: string
  readonly eventName: string
  readonly eventSource: string
  /** Whether it is of a service that has no Region. */
  readonly isWorldwide: boolean
  readonly readOnly: boolean
  readonly username: string | undefined
  readonly accessKeyId: string | undefined
  readonly resources: readonly EventResource[]
}

/** Something that an event is about. */
export interface EventResource {
  readonly type: string
  readonly name: string
}

interface RecordText {
  readonly eventTime: string
  readonly eventSource: string
  readonly eventName: string
  readonly awsRegion: string
  readonly eventID: string
  readonly readOnly: boolean
  readonly recipientAccountId: string
  readonly userIdentity: {
    readonly type?: string
    readonly arn?: string
    readonly userName?: string
    readonly principalId?: string
    readonly accessKeyId?: string
  }
  readonly requestParameters: Readonly<Record<string, unknown>> | null
  readonly resources?: readonly { readonly type: string; readonly ARN: string }[]
}

/** Where CloudTrail shows what belongs to no Region (AWS CloudTrail User Guide, "Global service events"). */
export const GLOBAL_EVENTS: Region = 'us-east-1'
const STS = 'sts.amazonaws.com'
/** Of the services whose calls are recorded with what belongs to no Region, those that are shown where they were asked. */
const SHOWN_WHERE_ASKED = [STS, 'cloudtrail.amazonaws.com']

const KEY = 'AWS::KMS::Key'
const KEY_ARN = /^arn:[^:]+:kms:[^:]+:\d{12}:key\//

/** The parameters that name resources of a service, and what they are. */
const NAMED: Readonly<Record<string, readonly (readonly [parameter: string, type: string])[]>> = {
  'iam.amazonaws.com': [
    ['userName', 'AWS::IAM::User'],
    ['roleName', 'AWS::IAM::Role'],
    ['groupName', 'AWS::IAM::Group'],
    ['policyArn', 'AWS::IAM::Policy'],
    ['accessKeyId', 'AWS::IAM::AccessKey'],
  ],
  [STS]: [['roleArn', 'AWS::IAM::Role']],
}

/**
 * Reads a record as the index sees it; null where it is none.
 *
 * @param isGlobal whether it stands in the log of what belongs to no Region
 */
export function readEvent(line: string, isGlobal: boolean): IndexedEvent | null {
  let record: RecordText
  try {
    record = JSON.parse(line) as RecordText
  } catch {
    return null
  }
  const time = Date.parse(record.eventTime) / 1000
  if (!Number.isInteger(time) || typeof record.eventID !== 'string') return null
  const { eventSource, eventName, userIdentity } = record
  const isWorldwide = isGlobal && !SHOWN_WHERE_ASKED.includes(eventSource)
  return {
    account: record.recipientAccountId,
    region: isWorldwide ? GLOBAL_EVENTS : record.awsRegion,
    isWorldwide,
    time,
    eventId: record.eventID,
    eventName,
    eventSource,
    readOnly: record.readOnly,
    username: usernameOf(userIdentity),
    accessKeyId: userIdentity.accessKeyId,
    resources: resourcesOf(record),
  }
}

/** `root`, or the name of the user; of a session, its own. */
function usernameOf({ type, userName, principalId }: RecordText['userIdentity']): string | undefined {
  if (type === 'Root') return 'root'
  return userName ?? principalId?.slice(principalId.indexOf(':') + 1)
}

function resourcesOf({ eventSource, requestParameters, resources = [] }: RecordText): readonly EventResource[] {
  const told = resources.map(({ type, ARN }) => ({ type, name: ARN }))
  const only = told.length === 0 ? keyNamed(requestParameters) : []
  for (const [parameter, type] of NAMED[eventSource] ?? []) {
    const name = requestParameters?.[parameter]
    if (typeof name === 'string' && !told.some((each) => each.name === name)) told.push({ type, name })
  }
  return only.length === 0 ? told : [...told, ...only]
}

/** A key that only the parameters name, as where its primary has come to a Region. */
function keyNamed(parameters: RecordText['requestParameters']): readonly EventResource[] {
  const name = parameters?.['keyId']
  return typeof name === 'string' && KEY_ARN.test(name) ? [{ type: KEY, name }] : []
}

/** The values under which an event is found; a key by its ARN, and by its id alone. */
export function attributesOf(event: IndexedEvent): readonly (readonly [Attribute, string])[] {
  const found: [Attribute, string][] = [
    ['EventId', event.eventId],
    ['EventName', event.eventName],
    ['ReadOnly', String(event.readOnly)],
    ['EventSource', event.eventSource],
  ]
  if (event.username !== undefined) found.push(['Username', event.username])
  if (event.accessKeyId !== undefined) found.push(['AccessKeyId', event.accessKeyId])
  event.resources.forEach(({ type, name }, index) => {
    const isFirst = event.resources.findIndex((each) => each.type === type) === index
    if (isFirst) found.push(['ResourceType', type])
    found.push(['ResourceName', name])
    if (type === KEY) found.push(['ResourceName', name.slice(name.indexOf('/') + 1)])
  })
  return found
}

/** What is asked for: the events of an account in a Region, and of those where an attribute has a value. */
export interface EventFilter {
  readonly account: string
  readonly region: Region
  readonly attribute: readonly [Attribute, string] | null
}

/** Says whether an event is one of those. */
export function isAsked(event: IndexedEvent, { account, region, attribute }: EventFilter): boolean {
  if (event.account !== account || event.region !== region) return false
  if (attribute === null) return true
  return attributesOf(event).some(([name, value]) => name === attribute[0] && value === attribute[1])
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-/

/**
 * 48 bits under which the events of a filter stand in the index; others may stand there too, by chance. Those of an
 * event's id are its own first bits: it comes by chance already.
 */
export function tokenOf({ account, region, attribute }: EventFilter): number {
  if (attribute?.[0] === 'EventId' && UUID.test(attribute[1])) {
    const [, id] = attribute
    return Number.parseInt(id.slice(0, 8), 16) * 2 ** 16 + Number.parseInt(id.slice(9, 13), 16)
  }
  const digest = hash('sha256', JSON.stringify([account, region, ...(attribute ?? [])]), 'buffer')
  return digest.readUIntBE(0, 6)
}
