import { isGrantId } from '../../../domain/grant.ts'
import type { WireError } from '../../../kernel/errors.ts'
import { errors } from '../errors.ts'

/** Refuses what cannot be the id of a grant. */
export function requireGrantId(id: string): void {
  if (!isGrantId(id)) throw errors.InvalidGrantIdException(`Invalid grant ID '${id}'`)
}

/** The refusal of a grant that a key does not have. */
export function noSuchGrant(id: string): WireError {
  return errors.NotFoundException(`Grant ID ${id} is not found.`)
}
