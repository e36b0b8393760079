import { nameOf, type Span } from '../domain/tracing/span.ts'
import type { DriverHost, Peer } from './driver-host.ts'
import type { ReplyEntry } from './exchange.ts'
import { traceOf } from './outbox.ts'

/** The spans of what one exchange has brought, each in the trace of what has led to it. */
export interface TracedEntries {
  readonly spanOf: (entry: ReplyEntry) => Span | undefined
  end(failure?: unknown): void
}

/** @param startedAt when the exchange began, in epoch milliseconds of the machine's clock */
export function traceEntries(
  { region, tracer }: DriverHost,
  peer: Peer,
  entries: readonly ReplyEntry[],
  startedAt: number,
): TracedEntries {
  const spans = new Map<number, Span>()
  for (const entry of tracer === undefined ? [] : entries) {
    const trace = traceOf(entry)
    const pull = trace === null ? null : tracer?.begin('consumer', 'replication pull', trace, startedAt)
    if (pull === null || pull === undefined) continue
    pull.note('keyspan.source_region', peer.region)
    pull.note('cloud.region', region)
    pull.end()
    const span = pull.child('replication apply')
    span.note('cloud.region', region)
    spans.set(entry.seq, span)
  }
  return {
    spanOf: ({ seq }) => spans.get(seq),
    end(failure) {
      for (const span of spans.values()) span.end(failure === undefined ? undefined : nameOf(failure))
    },
  }
}
