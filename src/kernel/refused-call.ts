import type { Because } from './errors.ts'
import type { Call } from './call.ts'

/** A request that was refused, and what is known of why. */
export interface RefusedCall {
  readonly call: Call
  /** With its service, as `kms:Encrypt`. */
  readonly operation: string
  /** The ARNs that the request says. */
  readonly named: readonly string[]
  /** Of the error that the client has; null where the request was let pass although policies refuse it. */
  readonly code: string | null
  readonly message: string | null
  readonly because: Because | null
}
