import type { KeySnapshot } from '../../kernel/keys/snapshot.ts'
import { asParameters } from '../../kernel/audit.ts'
import type { RecordDetails } from '../../kernel/operation.ts'

/** The record of a call: what was asked, and the keys that it used. Answers are not recorded unless given. */
export function recordOf(
  input: Readonly<Record<string, unknown>>,
  keys: readonly (KeySnapshot | null)[],
  response: Readonly<Record<string, unknown>> | null = null,
): RecordDetails {
  return {
    requestParameters: asParameters(input),
    responseElements: response === null ? null : asParameters(response),
    resources: [...new Set(keys.flatMap((key) => (key === null ? [] : [key.arn])))],
  }
}
