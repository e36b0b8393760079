import type { WireError } from '../kernel/errors.ts'
import type { WireRequest, WireResponse } from './wire.ts'

/** How a service spells errors. */
export interface ErrorSpelling {
  /** The member that holds the sentence. */
  readonly message: 'message' | 'Message'
  /** What it calls errors that any operation may give, where it has names of its own for them. */
  readonly names: Readonly<Record<string, string>>
}

/** How a protocol names operations and writes what they take and give. */
export interface Codec {
  /**
   * Finds the operation that is asked for. Its body is read only when there is such an operation.
   *
   * @throws WireError where the request is none of this protocol
   */
  decode(request: WireRequest): { name: string; body: () => Readonly<Record<string, unknown>> }
  encode(operation: string, output: Readonly<Record<string, unknown>> | undefined, requestId: string): WireResponse
  readonly refuse: (error: WireError, requestId: string) => WireResponse
}
