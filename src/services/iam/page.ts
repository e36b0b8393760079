import type { DocumentKind, GlobalDocuments } from '../../domain/global-document.ts'
import { turn } from '../../kernel/turns.ts'
import type { GlobalReads, NamedDocument } from '../../storage/global-store.ts'
import { errors } from './errors.ts'

/** Few enough that others have their turn soon: a document may have tens of thousands of characters. */
const READ_AT_ONCE = 100

/** A part of a listing, as AWS's answers say it. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly more: { readonly IsTruncated: boolean; readonly Marker?: string }
}

/**
 * Cuts a listing into pages, by ascending key.
 *
 * A marker says after which key a listing goes on, and is of use only to the operation that gave it.
 *
 * @throws ValidationError where the marker is none of this operation's
 */
export function pageOf<Item>(
  operation: string,
  all: readonly Item[],
  { Marker, MaxItems }: { readonly Marker?: string | undefined; readonly MaxItems: number },
  keyOf: (item: Item) => string,
): Page<Item> {
  const after = Marker === undefined ? '' : readMarker(operation, Marker)
  const rest = all
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => key > after)
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
  const shown = rest.slice(0, MaxItems)
  const last = shown.at(-1)
  const items = shown.map(({ item }) => item)
  if (rest.length <= MaxItems || last === undefined) return { items, more: { IsTruncated: false } }
  const next = Buffer.from(`${operation}\n${last.key}`).toString('base64url')
  return { items, more: { IsTruncated: true, Marker: next } }
}

function readMarker(operation: string, marker: string): string {
  const [name, after, ...rest] = Buffer.from(marker, 'base64url').toString().split('\n')
  if (name === operation && after !== undefined && rest.length === 0) return after
  throw errors.ValidationError('Invalid Marker.')
}

/** Every document of a kind in an account. */
export async function allOf<Kind extends DocumentKind>(
  reads: GlobalReads,
  kind: Kind,
  account: string,
): Promise<readonly GlobalDocuments[Kind][]> {
  const all: GlobalDocuments[Kind][] = []
  let after: string | null = null
  for (;;) {
    const found: readonly NamedDocument<Kind>[] = await reads.documents(kind, account, { after, limit: READ_AT_ONCE })
    all.push(...found.map(({ content }) => content))
    const last = found.at(-1)
    if (last === undefined || found.length < READ_AT_ONCE) return all
    after = last.name
    await turn()
  }
}
