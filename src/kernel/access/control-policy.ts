import type { ControlPolicyType } from '../../domain/organization.ts'
import { parsePolicy } from '../../policy/parse/parse.ts'

/** Says what is wrong with a policy that somebody wants to keep in an organization, or null. */
export function refuseControlPolicy(text: string, type: ControlPolicyType): string | null {
  const parsed = parsePolicy(text, type === 'SERVICE_CONTROL_POLICY' ? 'scp' : 'rcp')
  if (parsed.ok) return null
  const [{ message, line, column, hint }] = parsed.errors
  return `${message} (line ${line}, column ${column}${hint === undefined ? '' : `: ${hint}`})`
}
