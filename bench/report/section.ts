import type { Chart } from './plot.ts'
import type { Turns } from './sides.ts'

/** A part of the report. */
export interface Section {
  readonly title: string
  /** What is measured, and what it means: Markdown. */
  readonly text: string
  /** Charts by the names of their files, without an ending. */
  readonly charts: ReadonlyMap<string, Chart>
}

/** What the report is made with. */
export interface Plan extends Turns {
  /** How many keys the grown data has. */
  readonly keys: number
  /** Other servers that speak KMS, and run already. */
  readonly beside: readonly { readonly name: string; readonly url: string }[]
}

/** A table in Markdown; every column but the first has numbers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, n) => (n === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n')
}

/** A whole number with its thousands set apart. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
