import { RowError } from '../../storage/row-seal.ts'
import { DataDirectoryError } from './data-directory.ts'

/** Opens a database; what keeps it from being opened is told with its name. */
export async function nameDamage<Opened>(path: string, open: () => Promise<Opened>): Promise<Opened> {
  try {
    return await open()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (error instanceof RowError) throw new DataDirectoryError(`${path}: ${message}`, { cause: error })
    if (code !== 'ERR_SQLITE_ERROR') throw error
    throw new DataDirectoryError(
      `The database ${path} is damaged, or cannot be read (${message}). Put back all of one backup: keyspan restore.`,
      { cause: error },
    )
  }
}
