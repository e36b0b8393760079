import { errors } from '../errors.ts'

/** Listings of trails have one page: no token was ever given. @throws InvalidTokenException */
export function refuseToken(token: string | undefined): void {
  if (token === undefined) return
  throw errors.InvalidTokenException(
    `"${token}" is no token that was given here: this listing has one page. Leave NextToken out.`,
  )
}
