import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isDiskFull } from '../../storage/house/disk-full.ts'
import { RowError } from '../../storage/row-seal.ts'
import { DataDirectoryError } from './data-directory.ts'

/** SQLite's, which has many kinds in its higher bits. */
const SQLITE_IOERR = 10
/** Where a disk has less, in bytes, an I/O error comes from that. */
const NO_ROOM = 1024 * 1024

/** Opens a database; what keeps it from being opened is told with its name. */
export async function nameDamage<Opened>(path: string, open: () => Promise<Opened>): Promise<Opened> {
  try {
    return await open()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (error instanceof RowError) throw new DataDirectoryError(`${path}: ${message}`, { cause: error })
    if (code !== 'ERR_SQLITE_ERROR') throw error
    throw new DataDirectoryError(
      (await isForWantOfRoom(path, error))
        ? `The database ${path} cannot be opened: its disk is full. Make room on it, and start again: nothing is lost.`
        : `The database ${path} is damaged, or cannot be read (${message}). Put back all of one backup: keyspan restore.`,
      { cause: error },
    )
  }
}

async function isForWantOfRoom(path: string, error: unknown): Promise<boolean> {
  const { errcode = 0 } = error as { errcode?: number }
  if (isDiskFull(error)) return true
  const { bsize, bavail } = await statfs(dirname(path))
  return (errcode & 0xff) === SQLITE_IOERR && bsize * bavail < NO_ROOM
}
