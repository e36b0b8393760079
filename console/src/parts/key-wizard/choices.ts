import type { PolicyChoices } from '../../../../src/domain/console-policy/console-policy.ts'
import { isAccountId } from '../../../../src/domain/identity-arn.ts'

/** What a step needs in which somebody is chosen. */
export interface ChoicesProps {
  readonly choices: PolicyChoices
  readonly onChange: (choices: PolicyChoices) => void
}

/** Says whether an account is wrong that stands at a place of the list: it is none, or it stood there before. */
export function isWrongAccount(accounts: readonly string[], index: number): boolean {
  const id = accounts[index] ?? ''
  return !isAccountId(id) || accounts.indexOf(id) < index
}
