import type { Grant } from '../../../domain/grant.ts'
import type { Reads } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'

/**
 * Finds something, once every grant token of the request is known to be good.
 *
 * Grants count at once here, so that a token adds nothing. One that this Region has not made, or whose grant is no
 * more, is refused all the same; one of a grant that has nothing to do with the request is not.
 *
 * INVARIANT: tokens are looked at before anything is found, so that a bad one tells nothing of keys.
 *
 * @throws InvalidGrantTokenException
 */
export function withGrantTokens<Found>(
  tokens: readonly string[] | undefined,
  reads: Reads,
  find: () => Found | Promise<Found>,
): Found | Promise<Found> {
  return tokens === undefined || tokens.length === 0 ? find() : afterTokens(tokens, reads, find)
}

async function afterTokens<Found>(
  tokens: readonly string[],
  reads: Reads,
  find: () => Found | Promise<Found>,
): Promise<Found> {
  for (const token of tokens) await findGrantByToken(token, reads)
  return find()
}

/** Finds the grant that a token was given for. */
export async function findGrantByToken(token: string, reads: Reads): Promise<Grant> {
  const grant = await reads.grantByToken(token)
  if (grant !== null) return grant
  throw errors.InvalidGrantTokenException(
    'The grant token is not valid: no grant of this Region has it, or the grant was retired or revoked.',
  )
}
