import { mkdir, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { checkpointText } from '../../crypto/transparency/checkpoint.ts'
import { noteText, signNote, type NoteSignature, type Signer } from '../../crypto/transparency/note.ts'
import type { AuditLog } from '../../storage/audit/log.ts'
import {
  LogChangedError,
  NO_RECORDS,
  openLogTree,
  type LogTree,
  type TreePosition,
} from '../../storage/audit-tree/log-tree.ts'
import type { Keepable } from '../../storage/store.ts'
import { replaceFile } from '../../storage/whole-file.ts'
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
    if (claimed !== null) await setAside(place.directory)
    const begun = await openLogTree(place.log, place.directory, { ...NO_RECORDS, root: null })
    return createNotary(place, begun, last, claimed, null)
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error
    return createNotary(place, null, null, null, error.message)
  }
}

/** What a tree is to be, as far as is known. */
type Claim = Pick<TreePosition, 'size' | 'root'>

function claimOf(known: Seen | null): (Claim & Pick<TreePosition, 'place'>) | null {
  // Where its last record ends is not known: no tree on disk is taken for it.
  return known === null ? null : { size: known.size, root: Buffer.from(known.root, 'base64'), place: NO_RECORDS.place }
}

/** @throws CheckpointError where a checkpoint is older than its store, or its store older than the checkpoint */
function requireNoOlder({ known, store, directory }: NotaryPlace, last: SignedCheckpoint | null): void {
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
  if (trouble !== null) throw new CheckpointError(`The last checkpoint in ${directory} knows it otherwise: ${trouble}.`)
}

/** What is damaged is kept: it may tell what was changed. */
async function setAside(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (/^\d$/.test(name)) await rename(join(directory, name), join(directory, `${name}.damaged`))
  }
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

  async function seal(each: LogTree, state: ReturnType<typeof store.state>): Promise<void> {
    const { size, root, place } = each.position
    const time = now()
    const isQuiet = sealed !== null && Math.abs(time - sealed.checkpoint.time) < QUIET_MS
    if (sealed?.checkpoint.size === size && isQuiet) return
    const checkpoint = { origin: key.name, size, root, place, state, time }
    const text = checkpointText(checkpoint)
    const note = { text, signatures: [signNote(key, text, time)] }
    await replaceFile(files.checkpoint, noteText(note))
    sealed = { note, checkpoint }
  }

  /** Whether the tree that is made again may be signed: once it is the one that was signed before. */
  async function isAsClaimed(each: LogTree, isAll: boolean): Promise<boolean> {
    if (claimed === null) return true
    if (each.position.size < claimed.size) {
      if (isAll) throw new LogChangedError(`${log} has ${each.position.size} records, and had ${claimed.size}.`)
      return false
    }
    if (!(await each.rootAt(claimed.size)).equals(claimed.root)) {
      throw new LogChangedError(`The first ${claimed.size} records in ${log} are not those of its last checkpoint.`)
    }
    claimed = null
    return true
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
        if (await isAsClaimed(tree, !isMore)) await seal(tree, state)
        return isMore
      } catch (error) {
        if (!(error instanceof LogChangedError)) throw error
        trouble = error.message
        return false
      }
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
