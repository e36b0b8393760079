import type { Region } from '../../domain/region.ts'
import type { Reason } from '../errors.ts'
import { together, type Explained } from './explained.ts'

/** A refusal that follows from something else than a permission that is missing. */
export interface AskedReason {
  /** With its service, as `kms:Encrypt`. */
  readonly operation: string
  /** Null where it was on nothing that has a name, or none that the reader may know. */
  readonly resource: string | null
  readonly region: Region
  /** The caller's ARN. */
  readonly caller: string
  readonly reason: Reason
}

/** Tells a person why a request was refused before its permissions were asked, and what to do. */
export function explainReason({ operation, resource, region, caller, reason }: AskedReason): Explained {
  const { why, remedy } = reason
  const remedies = remedy === '' ? [] : [{ kind: 'advice', text: remedy } as const]
  const steps = [{ cause: why, remedies }]
  const place = { action: operation, resource, region, calledIn: region, caller }
  return together([{ allowed: false, ...place, steps, isEnough: false, notes: [], tree: null }])
}
