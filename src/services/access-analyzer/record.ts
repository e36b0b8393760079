import { asParameters } from '../../kernel/audit.ts'
import type { RecordDetails } from '../../kernel/operation.ts'

/** The record of a call, without the policies: they are the caller's secret (`sensitive` in AWS's model). */
export function recordOf(input: Readonly<Record<string, unknown>>): RecordDetails {
  const shown = Object.entries(input).filter(([name]) => !name.toLowerCase().endsWith('policydocument'))
  return { requestParameters: asParameters(Object.fromEntries(shown)), responseElements: null, resources: [] }
}
