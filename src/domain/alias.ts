import { isReservedAlias } from './aws-service.ts'

/** A name for a key in one account and Region. It is not shared between related multi-Region keys. */
export interface Alias {
  readonly account: string
  /** With its prefix: `alias/payments`. */
  readonly name: string
  readonly targetKeyId: string
  readonly createdAt: number
  readonly updatedAt: number
}

/** Why a name cannot be an alias. */
export type AliasNameRefusal = 'no-prefix' | 'empty' | 'reserved'

/** Says why `name` may not name a customer's alias, or null where it may. */
export function refuseAliasName(name: string): AliasNameRefusal | null {
  if (!name.startsWith('alias/')) return 'no-prefix'
  if (name.length === 'alias/'.length) return 'empty'
  return isReservedAlias(name) ? 'reserved' : null
}
