import type { Span, SpanKind, Tracer } from '../../domain/tracing/span.ts'
import { randomId } from './random-ids.ts'
import type { SamplerSettings } from './settings.ts'

/** A span that is over. Times are epoch milliseconds of the machine's clock, with fractions. */
export interface FinishedSpan {
  readonly traceId: string
  readonly id: string
  /** Null of the first of a trace. */
  readonly parentId: string | null
  readonly kind: SpanKind
  readonly name: string
  readonly startedAt: number
  readonly endedAt: number
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  /** The name of what it has failed with; null where it has not. */
  readonly failure: string | null
}

/** A span of somebody else, as its `traceparent` names it. */
interface Parent {
  readonly traceId: string
  readonly spanId: string
  readonly isSampled: boolean
}

/** How many bits of a trace's id are sure to be random (W3C, Trace Context, level 2). */
const RANDOM_DIGITS = 13

/** Makes spans, and gives those that are over to `onEnd`. */
export function createTracer(sampler: SamplerSettings, onEnd: (span: FinishedSpan) => void): Tracer {
  return {
    begin(kind, name, traceparent, startedAt) {
      const parent = traceparent === undefined ? null : parseTraceparent(traceparent)
      const traceId = parent?.traceId ?? randomId(16)
      if (!isSampled(sampler, parent, traceId)) return null
      return createSpan({ traceId, kind, name, parentId: parent?.spanId ?? null }, startedAt ?? clock(), onEnd)
    },
  }
}

/** Reads the header of W3C's Trace Context; null where it is none. */
export function parseTraceparent(text: string): Parent | null {
  const [, version, traceId = '', spanId = '', flags = '', more] =
    /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/.exec(text) ?? []
  const isKnown = version !== undefined && version !== 'ff' && (version !== '00' || more === undefined)
  if (!isKnown || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return null
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/** The same answer for a trace in every process. */
function isSampled({ followsParent, ratio }: SamplerSettings, parent: Parent | null, traceId: string): boolean {
  if (followsParent && parent !== null) return parent.isSampled
  return Number.parseInt(traceId.slice(-RANDOM_DIGITS), 16) < ratio * 16 ** RANDOM_DIGITS
}

function createSpan(
  about: Pick<FinishedSpan, 'traceId' | 'kind' | 'name' | 'parentId'>,
  startedAt: number,
  onEnd: (span: FinishedSpan) => void,
): Span {
  const id = randomId(8)
  const attributes: Record<string, string | number | boolean> = {}
  const { traceId } = about
  return {
    traceparent: `00-${traceId}-${id}-01`,
    child: (name) => createSpan({ traceId, kind: 'internal', name, parentId: id }, clock(), onEnd),
    note(name, value) {
      attributes[name] = value
    },
    end: (failure) => onEnd({ ...about, id, startedAt, endedAt: clock(), attributes, failure: failure ?? null }),
  }
}

function clock(): number {
  return performance.timeOrigin + performance.now()
}
