import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCheckpoint, type Checkpoint } from '../../crypto/transparency/checkpoint.ts'
import { parseNote, verifyNote, type Note, type Verifier } from '../../crypto/transparency/note.ts'

/** What lies beside the hashes of the tree of a log. */
export interface TreeFiles {
  /** What the log has last said of itself. */
  readonly checkpoint: string
  /** The last of these that others have vouched for. */
  readonly cosigned: string
}

/** The files in the directory of a tree. */
export function treeFiles(directory: string): TreeFiles {
  return { checkpoint: join(directory, 'checkpoint'), cosigned: join(directory, 'cosigned') }
}

/** A checkpoint as it was signed, and what it says. */
export interface SignedCheckpoint {
  readonly note: Note
  readonly checkpoint: Checkpoint
}

/** A checkpoint that cannot be believed. */
export class CheckpointError extends Error {}

/**
 * Reads a signed checkpoint; null where there is no such file.
 *
 * @param where what it is called in errors
 * @throws CheckpointError where it is none, or not signed by its log's key
 */
export async function readCheckpoint(path: string, key: Verifier): Promise<SignedCheckpoint | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  return text === null ? null : openCheckpoint(text, key, path)
}

/** Reads a signed checkpoint from a text. @throws CheckpointError */
export function openCheckpoint(text: string, key: Verifier, where: string): SignedCheckpoint {
  const note = parseNote(text)
  const checkpoint = note === null ? null : parseCheckpoint(note.text)
  if (note === null || checkpoint === null) throw new CheckpointError(`${where} is no checkpoint: it was changed.`)
  if (checkpoint.origin !== key.name || verifyNote(key, note) === null) {
    throw new CheckpointError(`${where} is not signed by the key of ${key.name}: it was changed, or made by others.`)
  }
  return { note, checkpoint }
}
