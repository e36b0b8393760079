import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { KeyringError } from '../../crypto/sealing/keyring.ts'
import { reasonOf } from '../system-errors.ts'

const MAX_BYTES = 64 * 1024
const OTHERS = 0o077
const ALL_BUT_READING_GROUP = 0o037
const ROOT = 0

/**
 * Reads a file with a secret; null where there is none. The caller wipes it.
 *
 * @param what is in it, for errors
 * @throws KeyringError where it is open to others, or cannot be read
 */
export async function readSecretFile(path: string, what: string): Promise<Buffer | null> {
  const file = await openIfPresent(path, what)
  if (file === null) return null
  try {
    await requireOwnersAlone(file, path, what)
    return await file.readFile()
  } finally {
    await file.close()
  }
}

async function openIfPresent(path: string, what: string): Promise<FileHandle | null> {
  try {
    // Without waiting: to open a pipe would last until somebody writes to it.
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new KeyringError(`The ${what} ${path} cannot be read: ${reasonOf(error)}.`, { cause: error })
  }
}

/**
 * A secret is its reader's alone, or root's. Root's may be read by a group: so whoever runs services hands out secrets
 * that the service cannot change (decision 0031).
 */
async function requireOwnersAlone(file: FileHandle, path: string, what: string): Promise<void> {
  const found = await file.stat()
  if (!found.isFile()) throw new KeyringError(`The ${what} ${path} is no file. Put the file back from its backup.`)
  const { mode, uid, size } = found
  const own = process.geteuid?.() ?? uid
  if (uid !== own && uid !== ROOT) {
    throw new KeyringError(
      `The ${what} ${path} belongs to user ${uid}, and this server runs as user ${own}. Give it to that user: ` +
        `chown ${own} ${path}`,
    )
  }
  const isOwn = uid === own
  if ((mode & (isOwn ? OTHERS : ALL_BUT_READING_GROUP)) !== 0) {
    throw new KeyringError(
      `The ${what} ${path} can be read by others. Take that right away: chmod ${isOwn ? '600' : '640'} ${path}`,
    )
  }
  if (size > MAX_BYTES) throw new KeyringError(`${path} is too long for a ${what}.`)
}
