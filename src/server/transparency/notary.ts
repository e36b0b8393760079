import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { checkpointText, WHOLE, type LogBeginning } from '../../crypto/transparency/checkpoint.ts'
import { noteText, signNote, type NoteSignature, type Signer } from '../../crypto/transparency/note.ts'
import { listLog } from '../../storage/audit/files.ts'
import { formsOf } from '../../storage/audit/log-file.ts'
import type { AuditLog } from '../../storage/audit/log.ts'
import {
  LogChangedError,
  NO_RECORDS,
  openLogTree,
  type LogTree,
  type TreePosition,
} from '../../storage/audit-tree/log-tree.ts'
import type { Keepable } from '../../storage/store.ts'
import { replaceFile, syncPath } from '../../storage/whole-file.ts'
import { CheckpointError, readCheckpoint, treeFiles, type SignedCheckpoint } from './tree-files.ts'
import { stateTrouble, type Seen } from './witness.ts'

/** How long a log to which nothing comes says nothing, in milliseconds. */
const QUIET_MS = 60_000

/** What makes the checkpoints of one log, behind it: no request waits for it. */
export interface Notary {
  readonly origin: string
  /** The newest checkpoint; null before the first one. */
  readonly sealed: SignedCheckpoint | null
  /** Why there are no more checkpoints; null where all is well. */
  readonly trouble: string | null
  /** Takes in a part of what was recorded, and says so in a checkpoint. Says whether there is more. */
  advance(): Promise<boolean>
  /**
   * Deletes the files of the log before `file`, and says so in a checkpoint before it does. Only what is in a checkpoint
   * and as it was written is deleted. Not to be called beside `advance`.
   *
   * @returns how many records were deleted
   */
  deleteBefore(file: string): Promise<number>
  /** What shows that the newest checkpoint goes on from the first `from` records. */
  proofFrom(from: number): Promise<readonly Buffer[]>
  /** Keeps the newest checkpoint with the signatures of those who vouch for it. */
  keepCosigned(signatures: readonly NoteSignature[]): Promise<void>
  close(): Promise<void>
}

/** What a notary works on. */
export interface NotaryPlace {
  /** The directory of the log, and that of its tree. */
  readonly log: string
  readonly directory: string
  readonly audit: Pick<AuditLog, 'place'>
  readonly store: Pick<Keepable, 'state'>
  readonly key: Signer
  /** What the store has last kept of the log; null for nothing. */
  readonly known: Seen | null
  /** The command that says that the store was put back; null where there is none for it. */
  readonly recover: string | null
  readonly now: () => number
}

/**
 * Goes on from the last checkpoint of a log. A tree that is missing or damaged is made again from the log, and must be
 * the one that the checkpoint is of.
 */
export async function openNotary(place: NotaryPlace): Promise<Notary> {
  const files = treeFiles(place.directory)
  await mkdir(place.directory, { recursive: true, mode: 0o700 })
  try {
    const last = await readCheckpoint(files.checkpoint, place.key)
    requireNoOlder(place, last)
    const claimed = last?.checkpoint ?? claimOf(place.known)
    const tree = claimed === null ? null : await openLogTree(place.log, place.directory, claimed)
    if (tree !== null) return createNotary(place, tree, last, null, null)
    const deleted = last?.checkpoint.begins.record ?? 0
    if (deleted > 0) throw new CheckpointError(cannotBeMade(place.directory, deleted))
    if (claimed !== null) await setAside(place.directory)
    const begun = await openLogTree(place.log, place.directory, { ...NO_RECORDS, root: null })
    return createNotary(place, begun, last, claimed, null)
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error
    return createNotary(place, null, null, null, error.message)
  }
}

type State = ReturnType<Keepable['state']>

/** What a tree is to be, as far as is known. */
type Claim = Pick<TreePosition, 'size' | 'root'>

function claimOf(known: Seen | null): (Claim & Pick<TreePosition, 'place'>) | null {
  // Where its last record ends is not known: no tree on disk is taken for it.
  return known === null ? null : { size: known.size, root: Buffer.from(known.root, 'base64'), place: NO_RECORDS.place }
}

/** @throws CheckpointError where a checkpoint is older than its store, or its store older than the checkpoint */
function requireNoOlder({ known, store, directory, recover }: NotaryPlace, last: SignedCheckpoint | null): void {
  if (last === null) return
  const { size, root, state } = last.checkpoint
  const isOlder =
    known !== null && (size < known.size || (size === known.size && !root.equals(claimOf(known)?.root ?? root)))
  if (isOlder) {
    throw new CheckpointError(
      `The checkpoint in ${directory} is of ${size} records, and the database has known one of ${known.size}: it was put back.`,
    )
  }
  const trouble = stateTrouble(state, store.state())
  if (trouble === null) return
  const hint =
    recover === null ? '' : ` If it was put back from a backup, and nobody has said so, stop the server: ${recover}.`
  throw new CheckpointError(`The last checkpoint in ${directory} knows it otherwise: ${trouble}.${hint}`)
}

function cannotBeMade(directory: string, deleted: number): string {
  return (
    `The tree in ${directory} is missing or damaged, and cannot be made again: the first ${deleted} records of its log ` +
    'were deleted when they were due.'
  )
}

/** What is damaged is kept: it may tell what was changed. */
async function setAside(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (/^\d$/.test(name)) await rename(join(directory, name), join(directory, `${name}.damaged`))
  }
}

/**
 * Whether a tree that is made again may be signed: once it is the one that was signed before.
 *
 * @param isAll whether all of the log is in it
 * @throws LogChangedError where it is another
 */
async function hasCaughtUp(tree: LogTree, claimed: Claim, log: string, isAll: boolean): Promise<boolean> {
  const { size } = tree.position
  if (size < claimed.size) {
    if (isAll) throw new LogChangedError(`${log} has ${size} records, and had ${claimed.size}.`)
    return false
  }
  if ((await tree.rootAt(claimed.size)).equals(claimed.root)) return true
  throw new LogChangedError(`The first ${claimed.size} records in ${log} are not those of its last checkpoint.`)
}

/** The number of the first record behind files with which a log begins; or the first of them that was changed. */
async function endOf(
  names: readonly string[],
  tree: LogTree,
  begins: LogBeginning,
): Promise<{ readonly record: number; readonly changed: string | null }> {
  let { record } = begins
  for (const name of names) {
    // What is older was counted before, and a kill has left it.
    if (name < begins.file) continue
    const count = await tree.countRecords(name, record)
    if (count === null) return { record, changed: name }
    record += count
  }
  return { record, changed: null }
}

function createNotary(
  { log, directory, audit, store, key, now }: NotaryPlace,
  tree: LogTree | null,
  last: SignedCheckpoint | null,
  claim: Claim | null,
  found: string | null,
): Notary {
  const files = treeFiles(directory)
  let sealed = last
  let trouble = found
  /** What the tree must have been, until it is known to. */
  let claimed = claim

  async function sealNews(each: LogTree, state: State): Promise<void> {
    const isQuiet = sealed !== null && Math.abs(now() - sealed.checkpoint.time) < QUIET_MS
    if (sealed?.checkpoint.size === each.position.size && isQuiet) return
    await seal(each, state, sealed?.checkpoint.begins ?? WHOLE)
  }
  async function seal(each: LogTree, state: State, begins: LogBeginning): Promise<void> {
    const time = now()
    const checkpoint = { origin: key.name, ...each.position, begins, state, time }
    const text = checkpointText(checkpoint)
    const note = { text, signatures: [signNote(key, text, time)] }
    await replaceFile(files.checkpoint, noteText(note))
    sealed = { note, checkpoint }
  }

  return {
    origin: key.name,
    get sealed() {
      return sealed
    },
    get trouble() {
      return trouble
    },
    async advance() {
      if (trouble !== null || tree === null) return false
      // What is recorded was committed before: the state is that of the end, or a later one.
      const [end, state] = [audit.place(), store.state()]
      try {
        const isMore = await tree.advance(end)
        if (claimed !== null && (await hasCaughtUp(tree, claimed, log, !isMore))) claimed = null
        if (claimed === null) await sealNews(tree, state)
        return isMore
      } catch (error) {
        if (!(error instanceof LogChangedError)) throw error
        trouble = error.message
        return false
      }
    },
    async deleteBefore(file) {
      if (trouble !== null || tree === null || sealed === null || claimed !== null) return 0
      if (file > sealed.checkpoint.place.file) return 0
      const { begins } = sealed.checkpoint
      const names = (await listLog(log)).filter((name) => name < file)
      const { record, changed } = await endOf(names, tree, begins)
      if (changed !== null) {
        trouble = `${join(log, changed)} is due to be deleted, and its records are not those that were written.`
        return 0
      }
      if (record > begins.record || file > begins.file) await seal(tree, store.state(), { record, file })
      for (const name of names) for (const path of formsOf(join(log, name))) await rm(path, { force: true })
      await syncPath(log)
      return record - begins.record
    },
    proofFrom: async (from) => (await tree?.proofFrom(from)) ?? [],
    async keepCosigned(signatures) {
      if (sealed === null) return
      const { text, signatures: own } = sealed.note
      await replaceFile(files.cosigned, noteText({ text, signatures: [...own, ...signatures] }))
    },
    close: async () => tree?.close(),
  }
}
