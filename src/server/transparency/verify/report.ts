/** What is not as it was. */
export interface Finding {
  readonly place: string
  readonly about: 'record' | 'tree' | 'checkpoint' | 'witness' | 'state'
  readonly text: string
  /** Of a record: its file, its line counted from 1, and its id, as far as it has them. */
  readonly file?: string
  readonly line?: number
  readonly eventId?: string | undefined
}

/** What was found of one log. */
export interface LogReport {
  readonly place: string
  /** How many records are in its files. */
  readonly records: number
  /** How many of them are newer than the last checkpoint. */
  readonly uncovered: number
  /** The last checkpoint: how many records it is of, and when it was made. */
  readonly checkpoint: { readonly size: number; readonly time: string } | null
  /** Who has vouched for it, of how many records, and when. */
  readonly witnesses: readonly { readonly place: string; readonly size: number; readonly time: string }[]
  /** How many rows its store has; null where they were not looked at. */
  readonly rows: number | null
  readonly findings: readonly Finding[]
  /** How many more there are than are listed. */
  readonly unlisted: number
  /** What could not be checked, and why. */
  readonly notes: readonly string[]
}

/** How many findings of a log are listed. */
const MOST_LISTED = 100

/** Gathers findings of one log. */
export interface Findings {
  add(finding: Omit<Finding, 'place'>): void
  readonly listed: readonly Finding[]
  readonly unlisted: number
}

/** Findings of which none is there yet. */
export function createFindings(place: string): Findings {
  const listed: Finding[] = []
  let unlisted = 0
  return {
    listed,
    get unlisted() {
      return unlisted
    },
    add(finding) {
      if (listed.length < MOST_LISTED) listed.push({ place, ...finding })
      else unlisted += 1
    },
  }
}
