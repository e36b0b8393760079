import { asParameters } from '../../kernel/audit.ts'
import type { RecordDetails } from '../../kernel/operation.ts'

/** The record of a call; what it answered is recorded where it changed something. */
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
