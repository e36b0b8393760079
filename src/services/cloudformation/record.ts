import { asParameters } from '../../kernel/audit.ts'
import type { RecordDetails } from '../../kernel/operation.ts'

/** Members that can hold secrets: they never reach a record. */
const WITHHELD: ReadonlySet<string> = new Set(['TemplateBody', 'ParameterValue', 'ResolvedValue', 'StackPolicyBody'])

/** The record of a call: what was asked, but for templates and the values of parameters, and what a change has answered. */
export function recordOf(input: Readonly<Record<string, unknown>>, response?: object | null | void): RecordDetails {
  return {
    requestParameters: asParameters(withoutSecrets(input)),
    responseElements: response ? asParameters({ ...response }) : null,
    resources: [],
  }
}

function withoutSecrets(members: object): Record<string, unknown> {
  const kept = Object.entries(members).filter(([name]) => !WITHHELD.has(name))
  return Object.fromEntries(kept.map(([name, value]): [string, unknown] => [name, partOf(value)]))
}

function partOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(partOf)
  return value !== null && typeof value === 'object' ? withoutSecrets(value) : value
}
