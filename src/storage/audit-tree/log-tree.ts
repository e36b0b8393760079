import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { createEdge, leafHash, type Edge } from '../../crypto/transparency/merkle.ts'
import { proveConsistency, rangeHash, type Tree } from '../../crypto/transparency/proof.ts'
import { listLog, type LogPlace } from '../audit/files.ts'
import { linesBetween } from '../audit/lines.ts'
import { openLogFile } from '../audit/log-file.ts'
import { openLevelFiles, type LevelFiles } from './level-files.ts'
import { leafReader, levelOf, readPeaks, subtreesIn } from './tiles.ts'

/** How much is taken in at most before it is brought to disk, in bytes of the log. */
const STEP_BYTES = 16 * 1024 * 1024
/** How many records are hashed in one turn of the event loop. */
const RECORDS_PER_TURN = 100

/** A log that does not go on from where its tree has come to. */
export class LogChangedError extends Error {}

/** How far the tree of a log has come. */
export interface TreePosition extends Tree {
  /** The end of its last record. */
  readonly place: LogPlace
}

/** The Merkle tree of one audit log: a leaf is the hash of a record's line, without its end. */
export interface LogTree {
  readonly position: TreePosition
  /**
   * Takes in what the log has up to `end`, or a part of it, and brings it to disk. Says whether there is more.
   *
   * @throws LogChangedError where the log does not go on from there
   */
  advance(end: LogPlace): Promise<boolean>
  /**
   * How many records a file of the log has, the first of them being the one of that number. Null where they are not
   * those of the tree.
   */
  countRecords(file: string, first: number): Promise<number | null>
  /** What shows that the tree, as it is on disk, begins with that of its first `from` records. */
  proofFrom(from: number): Promise<readonly Buffer[]>
  /** The root of its first `size` records. */
  rootAt(size: number): Promise<Buffer>
  close(): Promise<void>
}

/** What a log has before its first record. */
export const NO_RECORDS: Omit<TreePosition, 'root'> = { size: 0, place: { file: '', offset: 0 } }

/**
 * Opens the tree of a log where it has come to.
 *
 * @returns null where the tree in the directory is not the one that it should be
 */
export async function openLogTree(
  log: string,
  directory: string,
  from: Omit<TreePosition, 'root'> & { readonly root: Buffer | null },
): Promise<LogTree | null> {
  await using opened = new AsyncDisposableStack()
  const levels = opened.adopt(await openLevelFiles(directory, from.size), (each) => each.close())
  const edge = await openEdge(levels, from.size)
  if (edge === null || (from.root !== null && !edge.root().equals(from.root))) return null
  opened.move()
  return logTree(log, levels, edge, from.place)
}

async function openEdge(levels: LevelFiles, size: number): Promise<Edge | null> {
  const peaks = await readPeaks(levels, size)
  if (peaks === null) return null
  return createEdge(size, peaks, (height, hash) => {
    const level = levelOf(height)
    if (level !== null) levels.append(level, hash)
  })
}

function logTree(log: string, levels: LevelFiles, edge: Edge, begin: LogPlace): LogTree {
  let reached = begin
  let position: TreePosition = { size: edge.size, root: edge.root(), place: begin }

  /** Takes in a file up to `end`, as far as a step goes. */
  async function takeIn(end: LogPlace, budget: number): Promise<number> {
    const path = join(log, end.file)
    const start = reached.file === end.file ? reached.offset : 0
    const until = Math.min(end.offset, start + budget)
    let offset = start
    let inTurn = 0
    // What was read is never read again, whatever fails.
    for await (const lines of linesBetween(path, start, end.offset)) {
      for (const line of lines) {
        edge.append(leafHash(line))
        offset += line.length + 1
        reached = { file: end.file, offset }
        inTurn += 1
        if (inTurn % RECORDS_PER_TURN === 0) await setImmediate()
      }
      if (offset >= until) break
    }
    if (offset === start) reached = { file: end.file, offset }
    if (offset < until) {
      throw new LogChangedError(
        `${path} is known to have ${end.offset} bytes of whole records, and what is there after the first ${offset} is ` +
          'none: the file was cut or changed.',
      )
    }
    return offset - start
  }

  return {
    get position() {
      return position
    },
    async advance(end) {
      let budget = STEP_BYTES
      for (const each of await endsUpTo(log, reached, end)) {
        if (budget <= 0) break
        budget -= await takeIn(each, budget)
      }
      await levels.flush()
      position = { size: edge.size, root: edge.root(), place: reached }
      return reached.file !== end.file || reached.offset < end.offset
    },
    async countRecords(file, first) {
      const leafAt = leafReader(levels, position.size)
      let count = 0
      for await (const lines of linesBetween(join(log, file), 0, Number.MAX_SAFE_INTEGER)) {
        for (const line of lines) {
          if (first + count >= position.size) return null
          const leaf = await leafAt(first + count)
          if (leaf === null) throw new Error(`The tree of ${log} has no hash of record ${first + count}.`)
          if (!leafHash(line).equals(leaf)) return null
          count += 1
        }
      }
      return count
    },
    proofFrom: async (from) => (from > position.size ? [] : proveConsistency(subtreesIn(levels), from, position.size)),
    rootAt: (size) => rangeHash(subtreesIn(levels), 0, size),
    close: () => levels.close(),
  }
}

function sizeOf(path: string): number {
  using file = openLogFile(path)
  return file.size
}

/** The ends of the files from the one that was reached to that of `end`. */
async function endsUpTo(log: string, reached: LogPlace, end: LogPlace): Promise<readonly LogPlace[]> {
  const names = (await listLog(log)).filter((name) => name >= reached.file && name <= end.file)
  for (const { file } of [reached, end]) {
    if (file === '' || names.includes(file)) continue
    throw new LogChangedError(`${join(log, file)} is missing: it has records that are known.`)
  }
  const ends: LogPlace[] = []
  for (const name of names) {
    const offset = name === end.file ? end.offset : sizeOf(join(log, name))
    if (name === reached.file && offset < reached.offset) {
      throw new LogChangedError(
        `${join(log, name)} has ${offset} bytes, and had ${reached.offset}: its last records were taken away.`,
      )
    }
    ends.push({ file: name, offset })
  }
  return ends
}
