import { errors } from './errors.ts'

/**
 * Reads a marker back. It says after which name a listing goes on, and is of use only to the listing that gave it.
 *
 * @throws InvalidMarkerException
 */
export function readMarker(operation: string, marker: string | undefined): string | null {
  if (marker === undefined) return null
  const [name, after, ...rest] = Buffer.from(marker, 'base64url').toString().split('\n')
  if (name !== operation || after === undefined || rest.length > 0) {
    throw errors.InvalidMarkerException(`The marker was not given by ${operation}. Use NextMarker of its last answer.`)
  }
  return after
}

/** Cuts a listing that was read one item further than the page is long. */
export function pageOf<Item>(
  operation: string,
  items: readonly Item[],
  limit: number,
  nameOf: (item: Item) => string,
): { items: readonly Item[]; Truncated: boolean; NextMarker?: string } {
  const last = items[limit - 1]
  if (items.length <= limit || last === undefined) return { items, Truncated: false }
  const NextMarker = Buffer.from(`${operation}\n${nameOf(last)}`).toString('base64url')
  return { items: items.slice(0, limit), Truncated: true, NextMarker }
}
