/** What is sent to a collector: OTLP's messages as its JSON has them. */
import type { SpanKind } from '../../domain/tracing/span.ts'
import type { FinishedSpan } from './tracer.ts'

type Scalar = string | number | boolean

/** A line of the log. */
export interface LogLine {
  /** Epoch milliseconds. */
  readonly time: number
  /** Pino's: 10 for trace to 60 for fatal. */
  readonly level: number
  readonly text: string
  readonly attributes: Readonly<Record<string, Scalar>>
}

/** Who sends. */
export interface Sender {
  readonly resource: Readonly<Record<string, string>>
  /** The version of Keyspan. */
  readonly version: string
}

const KINDS: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, consumer: 5 }
const LEVELS: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
}
const STATUS_ERROR = 2

/** The message of `/v1/traces`. */
export function tracesMessage(spans: readonly FinishedSpan[], sender: Sender): object {
  return { resourceSpans: [{ ...resourceOf(sender), scopeSpans: [{ ...scopeOf(sender), spans: spans.map(spanOf) }] }] }
}

/** The message of `/v1/logs`. */
export function logsMessage(lines: readonly LogLine[], sender: Sender): object {
  return {
    resourceLogs: [{ ...resourceOf(sender), scopeLogs: [{ ...scopeOf(sender), logRecords: lines.map(lineOf) }] }],
  }
}

function resourceOf({ resource, version }: Sender) {
  return { resource: { attributes: attributesOf({ 'service.version': version, ...resource }) } }
}

function scopeOf({ version }: Sender) {
  return { scope: { name: 'keyspan', version } }
}

function spanOf({ traceId, id, parentId, kind, name, startedAt, endedAt, attributes, failure }: FinishedSpan) {
  return {
    traceId,
    spanId: id,
    ...(parentId !== null && { parentSpanId: parentId }),
    name,
    kind: KINDS[kind],
    startTimeUnixNano: nanoseconds(startedAt),
    endTimeUnixNano: nanoseconds(endedAt),
    attributes: attributesOf(failure === null ? attributes : { ...attributes, 'error.type': failure }),
    ...(failure !== null && { status: { code: STATUS_ERROR } }),
  }
}

function lineOf({ time, level, text, attributes }: LogLine) {
  return {
    timeUnixNano: nanoseconds(time),
    observedTimeUnixNano: nanoseconds(time),
    // Pino counts levels in tens, and OpenTelemetry in fours.
    severityNumber: (level / 10) * 4 - 3,
    severityText: LEVELS[level] ?? 'INFO',
    body: { stringValue: text },
    attributes: attributesOf(attributes),
  }
}

function attributesOf(attributes: Readonly<Record<string, Scalar>>) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: valueOf(value) }))
}

function valueOf(value: Scalar) {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}

function nanoseconds(milliseconds: number): string {
  return String(BigInt(Math.round(milliseconds * 1000)) * 1000n)
}
