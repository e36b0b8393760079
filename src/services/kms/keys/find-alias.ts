import type { Alias } from '../../../domain/alias.ts'
import { aliasArn } from '../../../domain/arn.ts'
import type { KeySnapshot } from '../../../kernel/keys/snapshot.ts'
import type { Reads } from '../../../kernel/operation.ts'
import type { Call } from '../../../kernel/call.ts'
import { requireAliasName } from './alias-name.ts'
import { errors } from '../errors.ts'

/** An alias of the caller's account in this Region, and the key that it names now. */
export interface FoundAlias {
  readonly alias: Alias
  readonly key: KeySnapshot
}

/** Finds an alias that shall be changed. */
export async function findAlias(name: string, call: Call, reads: Reads): Promise<FoundAlias> {
  requireAliasName(name)
  const { account } = call.caller
  const alias = await reads.listing.alias(account, name)
  const key = alias === null ? null : await reads.key(account, alias.targetKeyId)
  if (alias === null || key === null) {
    throw errors.NotFoundException(`Alias ${aliasArn(call.region, account, name)} is not found.`)
  }
  return { alias, key }
}
