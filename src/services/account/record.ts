import { asParameters } from '../../kernel/audit.ts'
import type { RecordDetails } from '../../kernel/operation.ts'

/** The record of a call. Answers change nothing that the request does not tell. */
export function recordOf(input: Readonly<Record<string, unknown>>): RecordDetails {
  return { requestParameters: asParameters(input), responseElements: null, resources: [] }
}
