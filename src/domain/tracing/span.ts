/** A piece of work that is traced. It says what was done and for how long: no secret, no plaintext, no policy. */
export interface Span {
  /** What names it as a parent, as W3C's Trace Context has it. */
  readonly traceparent: string
  child(name: string): Span
  note(name: string, value: string | number | boolean): void
  /** @param failure the name of what it has failed with, never its message */
  end(failure?: string): void
}

/** What begins traces, and goes on with those of others. */
export interface Tracer {
  /**
   * Begins a span that has no span of this process around it; null where its trace is not to be kept.
   *
   * @param parent a `traceparent`; one that is none begins a trace of its own
   * @param startedAt in epoch milliseconds; now where it is left out
   */
  begin(kind: SpanKind, name: string, parent: string | undefined, startedAt?: number): Span | null
}

/** `server` answers a request, `consumer` takes in what was said before. */
export type SpanKind = 'server' | 'consumer' | 'internal'

/** Does a part of what is traced; where nothing is, nothing but the work. */
export function within<Result>(
  span: Span | undefined,
  name: string,
  work: (part: Span | undefined) => Promise<Result>,
): Promise<Result> {
  return span === undefined ? work(undefined) : through(span.child(name), work)
}

/** Does the work of a span, and ends it. */
async function through<Result>(span: Span, work: (span: Span) => Promise<Result>): Promise<Result> {
  try {
    const result = await work(span)
    span.end()
    return result
  } catch (error) {
    span.end(nameOf(error))
    throw error
  }
}

/** What an error is called. Its message may name what is nobody else's. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'Error'
}
