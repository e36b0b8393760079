import type { Caller } from '../../kernel/caller.ts'
import { errors } from './errors.ts'

/** Refuses what only long-term credentials may ask for. */
export function requireLongTerm(operation: string, { accessKeyId, type }: Caller): void {
  if (accessKeyId.startsWith('ASIA') || type === 'role' || type === 'federated') {
    throw errors.AccessDenied(`Cannot call ${operation} with session credentials`)
  }
}

/** The unique id of the user who calls; null for the root user. */
export function userIdOf({ forms }: Caller): string | null {
  return forms.find(({ kind }) => kind === 'user')?.id ?? null
}
