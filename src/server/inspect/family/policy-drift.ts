import type { Region } from '../../../domain/region.ts'
import type { RelatedKey } from './members.ts'
import { diffLines, MOST_CELLS, type DiffLine } from './line-diff.ts'

/** How the policies of two related keys differ. */
export interface PolicyDrift {
  readonly from: Region
  readonly to: Region
  readonly lines: readonly DiffLine[]
}

/** The policies that differ from the primary's, or from that of the first Region where the primary is not here. */
export function policyDrifts(related: readonly RelatedKey[]): readonly PolicyDrift[] {
  const base = related.find(({ snapshot }) => snapshot.record.family?.authority != null) ?? related[0]
  if (base === undefined) return []
  const first = linesOf(base)
  return related.flatMap((each) => {
    const lines = diffLines(first, linesOf(each), MOST_CELLS / related.length)
    return lines.every((line) => line.in === 'both') ? [] : [{ from: base.region, to: each.region, lines }]
  })
}

/** A policy in lines; the order of its members and its spaces do not count. */
function linesOf({ snapshot }: RelatedKey): readonly string[] {
  return JSON.stringify(ordered(JSON.parse(snapshot.record.policy)), null, 2).split('\n')
}

const ORDER = ['Version', 'Id', 'Statement', 'Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction']

function place(name: string): number {
  return ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).toSorted(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1))
  return Object.fromEntries(members.map(([name, each]) => [name, ordered(each)]))
}

/** Around what differs, how many lines are shown. */
const AROUND = 3

/** A difference for people, as `diff -u` shows it. */
export function driftText({ from, to, lines }: PolicyDrift): string {
  const isNear = (index: number) =>
    lines.slice(Math.max(0, index - AROUND), index + AROUND + 1).some((line) => line.in !== 'both')
  const shown = lines.flatMap((line, index) => {
    if (!isNear(index)) return index > 0 && isNear(index - 1) ? ['  ...'] : []
    return [`${{ both: ' ', first: '-', second: '+' }[line.in]} ${line.text}`]
  })
  return [`--- policy in ${from}`, `+++ policy in ${to}`, ...shown].join('\n')
}
