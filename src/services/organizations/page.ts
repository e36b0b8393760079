import { errors } from './errors.ts'

const MAX_RESULTS = 20

/**
 * Cuts a page out of a listing, in ascending order of what `idOf` tells.
 *
 * @throws InvalidInputException where the token was not given by this operation
 */
export function pageOf<Item>(
  operation: string,
  items: readonly Item[],
  { MaxResults = MAX_RESULTS, NextToken: token }: { MaxResults?: number | undefined; NextToken?: string | undefined },
  idOf: (item: Item) => string,
): { readonly items: readonly Item[]; readonly NextToken?: string } {
  const after = token === undefined ? '' : readToken(operation, token)
  const rest = items.filter((item) => idOf(item) > after).toSorted((one, other) => (idOf(one) < idOf(other) ? -1 : 1))
  const page = rest.slice(0, MaxResults)
  const last = page.at(-1)
  if (rest.length <= MaxResults || last === undefined) return { items: page }
  return { items: page, NextToken: Buffer.from(`${operation}\n${idOf(last)}`).toString('base64url') }
}

function readToken(operation: string, token: string): string {
  const [name, after, ...rest] = Buffer.from(token, 'base64url').toString().split('\n')
  if (name !== operation || after === undefined || rest.length > 0) {
    throw errors.InvalidInputException('You specified an invalid value for nextToken.', {
      Reason: 'INVALID_NEXT_TOKEN',
    })
  }
  return after
}
