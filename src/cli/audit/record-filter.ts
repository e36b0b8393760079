import { z } from 'zod'
import { parseDuration } from '../../domain/duration.ts'

/** What of a record it is told apart by. */
const recordShape = z.object({
  eventTime: z.string(),
  eventSource: z.string(),
  eventName: z.string(),
  resources: z.array(z.object({ ARN: z.string() })).default([]),
  requestParameters: z.record(z.string(), z.unknown()).nullable().default(null),
  userIdentity: z.object({
    type: z.string().optional(),
    arn: z.string().optional(),
    userName: z.string().optional(),
    invokedBy: z.string().optional(),
    sessionContext: z
      .object({ sessionIssuer: z.object({ arn: z.string(), userName: z.string().optional() }).optional() })
      .optional(),
  }),
  errorCode: z.string().optional(),
})
type Facts = z.infer<typeof recordShape>

/** Which records are wanted; what is not given limits nothing. */
export interface RecordQuestion {
  /** An id, an ARN, or an alias as it was asked for. */
  readonly key?: string
  /** An ARN or a name; a role stands for its sessions. */
  readonly principal?: string
  /** Such as `Encrypt` or `kms:Encrypt`; any of them. */
  readonly operation?: readonly string[]
  readonly refused?: boolean
  /** In epoch milliseconds. */
  readonly since?: number | undefined
}

/** Says whether a record is wanted; null where all are. What is no record is not. */
export function createFilter(question: RecordQuestion): ((record: string) => boolean) | null {
  const { key, principal, operation, refused, since } = question
  const asks: ((facts: Facts) => boolean)[] = []
  if (since !== undefined) asks.push(({ eventTime }) => Date.parse(eventTime) >= since)
  if (refused === true) asks.push(({ errorCode }) => errorCode !== undefined)
  if (operation !== undefined) asks.push((facts) => operation.some((name) => isOperation(facts, name)))
  if (principal !== undefined) asks.push(({ userIdentity }) => isPrincipal(userIdentity, principal))
  if (key !== undefined) asks.push((facts) => isAbout(facts, key))
  if (asks.length === 0) return null
  return (record) => {
    const facts = read(record)
    return facts !== null && asks.every((ask) => ask(facts))
  }
}

function read(record: string): Facts | null {
  try {
    return recordShape.safeParse(JSON.parse(record)).data ?? null
  } catch {
    return null
  }
}

function isOperation({ eventSource, eventName }: Facts, wanted: string): boolean {
  const full = `${eventSource.replace(/\.amazonaws\.com$/, '')}:${eventName}`
  return wanted.toLowerCase() === (wanted.includes(':') ? full : eventName).toLowerCase()
}

function isPrincipal(
  { type, arn, userName, invokedBy, sessionContext }: Facts['userIdentity'],
  wanted: string,
): boolean {
  const issuer = sessionContext?.sessionIssuer
  const names = [arn, userName, invokedBy, issuer?.arn, issuer?.userName, type === 'Root' ? 'root' : undefined]
  return names.includes(wanted)
}

/** The parameters that name keys. */
const NAMING = ['keyId', 'targetKeyId', 'sourceKeyId', 'destinationKeyId', 'aliasName']

/** A key that was used or changed; or one that was asked for, where the request did not get so far. */
function isAbout({ resources, requestParameters }: Facts, wanted: string): boolean {
  const asked = NAMING.map((name) => requestParameters?.[name])
  const named = [...resources.map(({ ARN }) => ARN), ...asked].filter((name) => typeof name === 'string')
  return named.some((name) => name === wanted || name.endsWith(`/${wanted}`) || wanted.endsWith(`:key/${name}`))
}

/**
 * Reads a moment: how long ago it was, such as `2h`, or a date as ISO 8601 has it, such as `2026-11-25` or
 * `2026-11-25T12:00:00Z`, in epoch milliseconds.
 *
 * @throws Error where it is neither
 */
export function parseMoment(text: string, now: number): number {
  const duration = parseDuration(text)
  if (duration !== null) return now - duration
  const moment = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text)
    ? Date.parse(text)
    : Number.NaN
  if (!Number.isNaN(moment)) return moment
  throw new Error(
    `"${text}" is no moment. Give how long ago, such as 30m, 12h or 7d, or a date, such as 2026-11-25 or ` +
      '2026-11-25T12:00:00Z.',
  )
}
