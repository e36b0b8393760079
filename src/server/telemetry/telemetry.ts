import type { Tracer } from '../../domain/tracing/span.ts'
import { total, type Family, type Sample } from '../metrics/families.ts'
import { createExportQueue, type ExportQueue } from './export-queue.ts'
import { parseLine } from './log-lines.ts'
import { logsMessage, tracesMessage, type LogLine, type Sender } from './otlp.ts'
import { createOtlpSender } from './send.ts'
import type { SignalSettings, TelemetrySettings } from './settings.ts'
import { createTracer, type FinishedSpan } from './tracer.ts'

/** How long what is left may take to be sent when the server stops, in milliseconds. */
const LAST_MS = 2000

/** What is told to a collector of OpenTelemetry. */
export interface Telemetry {
  /** Null where traces are not sent. */
  readonly tracer: Tracer | null
  /** Takes lines of the log, as pino writes them; null where they are not sent. */
  readonly log: { write(line: string): void } | null
  /** What was sent, and what was dropped. */
  readonly families: () => readonly Family[]
  /** Sends what is left, if it can be sent soon. */
  readonly stop: () => Promise<void>
}

/**
 * Begins to tell a collector.
 *
 * @param tell told when a collector begins to fail: by another way than the one that fails
 */
export function openTelemetry(
  { traces, logs, sampler, resource }: TelemetrySettings,
  version: string,
  tell: (reason: string) => void,
): Telemetry {
  const sender = { resource, version }
  const spans = traces === null ? null : openLine<FinishedSpan>(traces, tracesMessage, sender, tell)
  const lines = logs === null ? null : openLine<LogLine>(logs, logsMessage, sender, tell)
  return {
    tracer: spans === null ? null : createTracer(sampler, (span) => spans.push(span)),
    log:
      lines === null
        ? null
        : {
            write(text) {
              const line = parseLine(text)
              if (line !== null) lines.push(line)
            },
          },
    families: () => familiesOf({ traces: spans, logs: lines }),
    async stop() {
      await Promise.all([spans?.stop(), lines?.stop()])
    },
  }
}

function openLine<Item>(
  settings: SignalSettings,
  messageOf: (items: readonly Item[], sender: Sender) => object,
  sender: Sender,
  tell: (reason: string) => void,
): ExportQueue<Item> {
  const { send, close } = createOtlpSender(settings, tell)
  const queue = createExportQueue<Item>((items) => send(messageOf(items, sender)))
  return {
    ...queue,
    async stop() {
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, LAST_MS)
      await Promise.race([queue.stop(), promise])
      clearTimeout(timer)
      close()
    },
  }
}

function familiesOf(queues: Readonly<Record<string, ExportQueue<never> | null>>): readonly Family[] {
  const samples = (of: 'sent' | 'dropped') =>
    Object.entries(queues).flatMap(([signal, queue]): readonly Sample[] =>
      queue === null ? [] : [{ labels: { signal }, value: queue.counts()[of] }],
    )
  return [
    total('keyspan_telemetry_sent_total', 'Spans and lines of the log that a collector has taken.', samples('sent')),
    total(
      'keyspan_telemetry_dropped_total',
      'Those that were dropped: no collector has taken them.',
      samples('dropped'),
    ),
  ]
}
