import { LINK_NAME, PART_NAME } from './stacks.ts'

/** The columns whose texts are encrypted, by their tables, and what each text is bound to. */
const HIDDEN: Readonly<Record<string, { readonly column: string; readonly of: readonly string[] }>> = {
  receipt: { column: 'answer', of: ['name'] },
  stack: { column: 'record', of: ['id'] },
  stack_part: { column: 'record', of: PART_NAME },
  stack_link: { column: 'record', of: LINK_NAME },
}

/** The encrypted text of a row: its column, and what it is bound to; null where there is none. */
export function hiddenTextOf(
  table: string,
  row: Readonly<Record<string, unknown>>,
): { readonly column: string; readonly of: string } | null {
  const hidden = HIDDEN[table]
  return hidden === undefined ? null : { column: hidden.column, of: hidden.of.map((name) => row[name]).join('/') }
}
