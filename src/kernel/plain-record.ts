import { asParameters } from './audit.ts'
import type { RecordDetails } from './operation.ts'

/** The record of a call of which nothing is secret; what it answered is recorded where it changed something. */
export function recordOf(
  input: Readonly<Record<string, unknown>>,
  output: Readonly<Record<string, unknown>> | null | undefined = null,
): RecordDetails {
  return {
    requestParameters: asParameters(input),
    responseElements: output === null || output === undefined ? null : asParameters(output),
    resources: [],
  }
}
