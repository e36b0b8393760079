import type { Chart } from './plot.ts'
import type { Turns } from './sides.ts'

/** A part of the report. */
export interface Section {
  readonly title: string
  /** What is measured, and what it means: Markdown. */
  readonly text: string
  /** Charts by the names of their files, without an ending. */
  readonly charts: ReadonlyMap<string, Chart>
  /** Those of its figures that something was aimed at for. */
  readonly reach: readonly Reach[]
}

/** A figure, and what it was to be. */
export interface Reach {
  readonly what: string
  readonly figure: string
  /** As the aim is told: at least, or at most. */
  readonly aim: string
  /** Processor time a request, where there are requests. */
  readonly cpu?: string
}

/** What was aimed at, and what has become of it. */
export function reachTable(reach: readonly Reach[]): string {
  const rows = reach.map(({ what, figure, aim, cpu = '' }) => [what, figure, aim, cpu])
  return table(['what', 'figure', 'aim', 'CPU µs a request'], rows)
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
