import type { Tracer } from '../../domain/tracing/span.ts'
import type { Family } from '../metrics/families.ts'

/** What is told to a collector of OpenTelemetry. */
export interface Telemetry {
  readonly tracer: Tracer
  /** What was sent, and what was dropped. */
  readonly families: () => readonly Family[]
}
