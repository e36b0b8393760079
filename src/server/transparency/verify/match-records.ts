import { join } from 'node:path'
import type { LogBeginning } from '../../../crypto/transparency/checkpoint.ts'
import { createEdge, leafHash, type Edge } from '../../../crypto/transparency/merkle.ts'
import { listLog } from '../../../storage/audit/files.ts'
import { linesBetween } from '../../../storage/audit/lines.ts'
import { DamagedLogFileError } from '../../../storage/audit/log-file.ts'
import { leafReader, readPeaks, type TileReader } from '../../../storage/audit-tree/tiles.ts'
import type { Findings } from './report.ts'

/** So far ahead a record is looked for that is not where it should be. */
const AHEAD = 1024

/** What the files of a log have, beside its tree. */
export interface MatchedRecords {
  readonly records: number
  readonly uncovered: number
  /** The root of the first `size` records as they are in the files; null where there are fewer. */
  readonly root: Buffer | null
}

interface Suspect {
  readonly file: string
  readonly line: number
  readonly eventId: string | undefined
}

/**
 * Holds each line of a log against its leaf in a tree of `size` leaves, in bounded memory. A line that is changed, added
 * or missing is told apart by those around it.
 *
 * @param begins where the log begins; what is left of older files is passed over
 */
export async function matchRecords(
  log: string,
  tiles: TileReader,
  size: number,
  begins: LogBeginning,
  findings: Findings,
): Promise<MatchedRecords> {
  const leafAt = leafReader(tiles, size)
  const edge = await edgeAt(tiles, begins.record)
  let root = size === edge.size ? edge.root() : null
  let suspects: Suspect[] = []
  let [next, records, uncovered] = [begins.record, 0, 0]
  /** Whether the next record may be anywhere behind: what was before it could not be read. */
  let isLost = true

  /** Says what lines and leaves that found no partner are: there are leaves up to `end`. */
  const settle = (end: number, before: Suspect | null): void => {
    const changed = suspects.splice(0, end - next)
    for (const each of changed) findings.add({ about: 'record', ...each, text: `${told(each)} was changed` })
    if (before !== null) {
      for (const each of suspects) findings.add({ about: 'record', ...each, text: `${told(each)} was added` })
      suspects = []
    }
    const missing = end - next - changed.length
    if (missing === 0) return
    const where = before === null ? `at the end of ${log}` : `before line ${before.line} of ${before.file}`
    const what = missing === 1 ? 'A record is' : `${missing} records are`
    findings.add({ about: 'record', ...before, eventId: undefined, text: `${what} missing ${where}` })
  }
  /** What the tree has lost says nothing against a record. */
  const isLeaf = async (at: number, hash: Buffer): Promise<boolean> => (await leafAt(at))?.equals(hash) ?? true
  const find = async (hash: Buffer): Promise<number | null> => {
    const end = isLost ? size : Math.min(size, next + suspects.length + AHEAD)
    isLost = false
    for (let at = next; at < end; at += 1) if (await isLeaf(at, hash)) return at
    return null
  }

  for (const name of await listLog(log)) {
    if (name < begins.file) continue
    const file = join(log, name)
    let line = 0
    const damaged = (error: Error): void => {
      isLost = true
      findings.add({ about: 'record', file, text: error.message })
    }
    for await (const lines of readLines(file, damaged)) {
      for (const bytes of lines) {
        line += 1
        records += 1
        const hash = leafHash(bytes)
        if (edge.size < size) edge.append(hash)
        if (edge.size === size) root ??= edge.root()
        if (next === size && suspects.length === 0) {
          uncovered += 1
        } else if (suspects.length === 0 && (await isLeaf(next, hash))) {
          next += 1
        } else {
          const suspect = { file, line, eventId: eventIdOf(bytes) }
          const at = await find(hash)
          if (at === null) suspects.push(suspect)
          else settle(at, suspect)
          if (at !== null) next = at + 1
          // Nothing that follows is known so far: they are taken for those that should be here.
          const isTooMany = suspects.length > AHEAD && next < size
          if (isTooMany) settle(next + 1, null)
          if (isTooMany) next += 1
        }
      }
    }
  }
  settle(size, null)
  return { records, uncovered: uncovered + suspects.length, root }
}

/** The lines of a file. What cannot be read of a compressed one is told, and lacks its ends of lines. */
async function* readLines(file: string, onDamage: (error: Error) => void): AsyncGenerator<readonly Buffer[]> {
  try {
    yield* linesBetween(file, 0, Number.MAX_SAFE_INTEGER, onDamage)
  } catch (error) {
    if (!(error instanceof DamagedLogFileError)) throw error
    onDamage(error)
  }
}

/** The tree of the first `size` leaves; of others where what is there of it is damaged. */
async function edgeAt(tiles: TileReader, size: number): Promise<Edge> {
  return createEdge(size, (await readPeaks(tiles, size)) ?? [])
}

function told({ file, line, eventId }: Suspect): string {
  return `Line ${line} of ${file}${eventId === undefined ? '' : ` (event ${eventId})`}`
}

/** The id of a record; undefined where the line is none. */
export function eventIdOf(line: Buffer): string | undefined {
  try {
    const { eventID } = JSON.parse(line.toString()) as { readonly eventID?: unknown }
    return typeof eventID === 'string' ? eventID : undefined
  } catch {
    return undefined
  }
}
