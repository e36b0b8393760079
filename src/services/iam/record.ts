import { asParameters } from '../../kernel/audit.ts'
import type { RecordDetails } from '../../kernel/operation.ts'

/** Members that never reach a record. */
const SECRET = 'SecretAccessKey'

/** The record of a call: what was asked, and what a change has answered. */
export function recordOf(input: Readonly<Record<string, unknown>>, response?: object | null | void): RecordDetails {
  return {
    requestParameters: asParameters(input),
    responseElements: response ? asParameters(withoutSecrets(response)) : null,
    resources: [],
  }
}

/** INVARIANT: a secret access key is in one answer, and nowhere else. */
function withoutSecrets(value: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== SECRET)
      .map(([name, part]): [string, unknown] => [name, isStructure(part) ? withoutSecrets(part) : part]),
  )
}

function isStructure(value: unknown): value is object {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date)
}
