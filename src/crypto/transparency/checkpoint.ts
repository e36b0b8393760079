/** What a log says of itself at one moment, as C2SP's tlog-checkpoint has it, with lines of Keyspan's own. */
import { HASH_BYTES } from './merkle.ts'
import type { Tree } from './proof.ts'

/** The state of a store, by a digest that only its server can work out. */
export interface StateCommitment {
  /** Made when the digest was begun: another one was begun anew. */
  readonly begun: string
  /** How many transactions have made it. */
  readonly writes: number
  /** In base64. */
  readonly digest: string
}

/** Where a log begins whose oldest files were deleted: the number of its first record, from 0, and that record's file. */
export interface LogBeginning {
  readonly record: number
  /** Empty where nothing was deleted. */
  readonly file: string
}

/** Where a log begins of which nothing was deleted. */
export const WHOLE: LogBeginning = { record: 0, file: '' }

/** A tree, and what goes with it. */
export interface Checkpoint extends Tree {
  /** The name of the log. */
  readonly origin: string
  /** Where its last entry ends: the name of a file, empty before the first one, and bytes. */
  readonly place: { readonly file: string; readonly offset: number }
  readonly begins: LogBeginning
  readonly state: StateCommitment
  /** In epoch milliseconds. */
  readonly time: number
}

/** A checkpoint as it is signed. */
export function checkpointText({ origin, size, root, place, begins, state, time }: Checkpoint): string {
  const lines = [
    origin,
    String(size),
    root.toString('base64'),
    `place ${place.file === '' ? '-' : place.file} ${place.offset}`,
    ...(begins.file === '' ? [] : [`begins ${begins.file} ${begins.record}`]),
    `state ${state.begun} ${state.writes} ${state.digest}`,
    `time ${new Date(time).toISOString()}`,
  ]
  return `${lines.join('\n')}\n`
}

const TEXT = new RegExp(
  [
    String.raw`^(?<origin>\S+)`,
    String.raw`(?<size>0|[1-9]\d{0,15})`,
    String.raw`(?<root>[\w+/=]+)`,
    String.raw`place (?<file>\S+) (?<offset>\d{1,15})`,
    String.raw`(?:begins (?<first>\S+) (?<record>\d{1,15})
)?state (?<begun>\S+) (?<writes>\d{1,15}) (?<digest>\S+)`,
    String.raw`time (?<time>\S+)\n$`,
  ].join('\n'),
)

/** Reads a checkpoint; null where it is none of Keyspan's. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const found = TEXT.exec(text)?.groups
  if (found === undefined) return null
  const { origin = '', file = '', begun = '', digest = '' } = found
  const root = Buffer.from(found['root'] ?? '', 'base64')
  const time = Date.parse(found['time'] ?? '')
  if (root.length !== HASH_BYTES || Number.isNaN(time)) return null
  return {
    origin,
    size: Number(found['size']),
    root,
    begins: found['first'] === undefined ? WHOLE : { file: found['first'], record: Number(found['record']) },
    place: { file: file === '-' ? '' : file, offset: Number(found['offset']) },
    state: { begun, writes: Number(found['writes']), digest },
    time,
  }
}
