import type { Call } from '../../kernel/call.ts'
import { errors } from './errors.ts'

/**
 * Requires that a caller is of the account that the deployment began with, which runs the server.
 *
 * @throws ResourceNotFoundException
 */
export function requireOperator({ operator }: { readonly operator: string }, { caller: { account } }: Call): void {
  if (account === operator) return
  throw errors.ResourceNotFoundException(`Drills are run from account ${operator}, which runs this server.`)
}
