import { z } from 'zod'
import type { Need } from '../../kernel/access/need.ts'
import { createPace } from '../../kernel/turns.ts'
import { dayAt } from '../../storage/audit/files.ts'
import { readAuditFiles } from '../../storage/audit/reader.ts'

/** A permission that a recorded call needed, as far as its record tells. */
export interface RecordedNeed {
  /** `service:Name`. */
  readonly action: string
  /** The ARN of a key, an alias or a role, or `*`. */
  readonly resource: string
  readonly region: string
  /** The user, root user or role; of a session, its role. */
  readonly principal: string
  /** Who asked: of a role, the session. */
  readonly caller: string
  readonly account: string
  /** Condition keys that follow from the call. */
  readonly context: Need['context']
  readonly sourceIp: string
  readonly userAgent: string
  /** In epoch milliseconds. */
  readonly at: number
  readonly requestId: string
  /** Whether it was done; what failed tells nothing of what is needed. */
  readonly isDone: boolean
}

/** Records that are read before others have their turn: some 5 ms. */
const RECORDS_PER_TURN = 100

const RECORD = z.object({
  userIdentity: z.object({
    accountId: z.string(),
    arn: z.string(),
    sessionContext: z.object({ sessionIssuer: z.object({ arn: z.string() }).optional() }).optional(),
  }),
  eventTime: z.string(),
  eventSource: z.string(),
  eventName: z.string(),
  awsRegion: z.string(),
  sourceIPAddress: z.string(),
  userAgent: z.string(),
  errorCode: z.string().optional(),
  requestParameters: z.record(z.string(), z.unknown()).nullable(),
  requestID: z.string(),
  resources: z.array(z.object({ ARN: z.string() })),
  recipientAccountId: z.string(),
})

type Record = z.infer<typeof RECORD>

/**
 * What the recorded calls since a moment needed, Region by Region, each in its own order.
 *
 * @param directory of the audit logs, one folder a Region
 * @param mark a text that the records that matter have, such as the ARN of a principal
 */
export async function* recordedNeeds(directory: string, since: number, mark: string): AsyncGenerator<RecordedNeed> {
  const pace = createPace(RECORDS_PER_TURN)
  for await (const text of readAuditFiles(directory, dayAt(Math.max(since, 0)))) {
    await pace(1)
    if (!text.includes(mark)) continue
    const record = readRecord(text)
    if (record === null || Date.parse(record.eventTime) < since) continue
    // A call across accounts is recorded in both: it was one.
    if (record.recipientAccountId !== record.userIdentity.accountId) continue
    yield* needsOf(record)
  }
}

/** What the call of one record needed; nothing where it is no record of a call. */
export function needsIn(text: string): readonly RecordedNeed[] {
  const record = readRecord(text)
  return record === null ? [] : needsOf(record)
}

function readRecord(text: string): Record | null {
  const read = RECORD.safeParse(JSON.parse(text))
  return read.success ? read.data : null
}

function needsOf(record: Record): readonly RecordedNeed[] {
  const { userIdentity, errorCode } = record
  const service = record.eventSource.replace(/\.amazonaws\.com$/, '')
  const shared = {
    region: record.awsRegion,
    principal: userIdentity.sessionContext?.sessionIssuer?.arn ?? userIdentity.arn,
    caller: userIdentity.arn,
    account: userIdentity.accountId,
    sourceIp: record.sourceIPAddress,
    userAgent: record.userAgent,
    at: Date.parse(record.eventTime),
    requestId: record.requestID,
    isDone: errorCode === undefined,
  }
  const context = service === 'kms' ? contextOf(record) : () => ({})
  return legsOf(service, record).map((leg) => ({
    ...shared,
    ...leg,
    action: leg.action.includes(':') ? leg.action : `${service}:${leg.action}`,
    context: context(leg.action),
  }))
}

/** One permission of an operation that may need several. */
interface Leg {
  readonly action: string
  readonly resource: string
  readonly region: string
}

function legsOf(service: string, record: Record): readonly Leg[] {
  const { eventName: action, awsRegion: region, requestParameters, resources } = record
  const given = requestParameters ?? {}
  if (service === 'sts' && action === 'AssumeRole') return [{ action, resource: String(given['roleArn']), region }]
  const [first = '*', second = first] = resources.map(({ ARN }) => ARN)
  if (service !== 'kms') return [{ action, resource: '*', region }]
  const tagging = (where: string): readonly Leg[] =>
    Array.isArray(given['tags']) && given['tags'].length > 0
      ? [{ action: 'TagResource', resource: '*', region: where }]
      : []
  switch (action) {
    case 'CreateKey':
      return [{ action, resource: '*', region }, ...tagging(region)]
    case 'ReEncrypt':
      return [
        { action: 'ReEncryptFrom', resource: first, region },
        { action: 'ReEncryptTo', resource: second, region },
      ]
    case 'ReplicateKey': {
      const there = String(given['replicaRegion'])
      return [
        { action, resource: first, region },
        { action: 'CreateKey', resource: '*', region: there },
        ...tagging(there),
      ]
    }
    case 'UpdatePrimaryRegion': {
      const there = String(given['primaryRegion'])
      const related = first.replace(`:${region}:`, `:${there}:`)
      return [
        { action, resource: first, region },
        { action, resource: related, region: there },
      ]
    }
    case 'CreateAlias':
    case 'DeleteAlias':
    case 'UpdateAlias': {
      const alias = `arn:aws:kms:${region}:${record.userIdentity.accountId}:${String(given['aliasName'])}`
      return [...new Set([alias, first, second])].map((resource) => ({ action, resource, region }))
    }
    default:
      return [{ action, resource: first, region }]
  }
}

/** By which members of a request condition keys are told. */
const MEMBERS: Readonly<{ [member: string]: string }> = {
  bypassPolicyLockoutSafetyCheck: 'kms:BypassPolicyLockoutSafetyCheck',
  encryptionAlgorithm: 'kms:EncryptionAlgorithm',
  granteePrincipal: 'kms:GranteePrincipal',
  keyPairSpec: 'kms:DataKeyPairSpec',
  macAlgorithm: 'kms:MacAlgorithm',
  messageType: 'kms:MessageType',
  operations: 'kms:GrantOperations',
  primaryRegion: 'kms:PrimaryRegion',
  replicaRegion: 'kms:ReplicaRegion',
  retiringPrincipal: 'kms:RetiringPrincipal',
  rotationPeriodInDays: 'kms:RotationPeriodInDays',
  signingAlgorithm: 'kms:SigningAlgorithm',
  pendingWindowInDays: 'kms:ScheduleKeyDeletionPendingWindowInDays',
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function contextOf({ requestParameters }: Record): (action: string) => Need['context'] {
  const given = requestParameters ?? {}
  const context: { [key: string]: string | readonly string[] } = {}
  for (const [member, key] of Object.entries(MEMBERS)) {
    const value = given[member]
    if (value !== undefined) context[key] = Array.isArray(value) ? value.map(String) : textOf(value)
  }
  const { keyId } = given
  const alias = typeof keyId === 'string' ? /(?:^|:)(alias\/.+)$/.exec(keyId)?.[1] : undefined
  if (alias !== undefined) context['kms:RequestAlias'] = alias
  return (action) => {
    const named = { ReEncryptFrom: 'sourceEncryptionContext', ReEncryptTo: 'destinationEncryptionContext' }[action]
    const pairs = Object.entries((given[named ?? 'encryptionContext'] ?? {}) as { [name: string]: unknown })
    return {
      ...context,
      // Without an encryption context there is none: it is not open.
      'kms:EncryptionContextKeys': pairs.map(([name]) => name),
      ...Object.fromEntries(pairs.map(([name, value]) => [`kms:EncryptionContext:${name}`, String(value)])),
    }
  }
}
