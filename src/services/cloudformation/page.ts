import type { Powers } from '../../kernel/operation.ts'
import type { Call } from '../../kernel/call.ts'
import { errors } from './errors.ts'

/** A listing that is given page by page. */
interface Paged {
  /**
   * After which name it goes on; null from the beginning.
   *
   * @throws ValidationError where the token was not given by this operation, in this account and Region
   */
  after(token: string | undefined): string | null
  /** Cuts a listing that was read one item further than the page is long. */
  cut<Item>(
    items: readonly Item[],
    limit: number,
    nameOf: (item: Item) => string,
  ): { readonly items: readonly Item[]; readonly NextToken?: string }
}

/** A listing by one operation in the caller's account. `of` is what it lists, where the operation lists many things. */
export function paged(
  operation: string,
  { caller }: Call,
  { pageMarkers }: Pick<Powers, 'pageMarkers'>,
  of = '',
): Paged {
  const listing = { operation: `cloudformation:${operation}:${of}`, account: caller.account }
  return {
    after(token) {
      if (token === undefined) return null
      const after = pageMarkers.open(listing, token)
      if (after !== null) return after
      throw errors.ValidationError('The value of NextToken is not one that this operation has given. Begin anew.')
    },
    cut(items, limit, nameOf) {
      const last = items[limit - 1]
      if (items.length <= limit || last === undefined) return { items }
      return { items: items.slice(0, limit), NextToken: pageMarkers.seal(listing, nameOf(last)) }
    },
  }
}
