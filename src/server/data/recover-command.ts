import type { Region } from '../../domain/region.ts'
import type { DataDirectory } from './data-directory.ts'
import { databaseOf } from './kept.ts'

/** What says, of a data directory whose server is stopped, that a Region was put back: the end of a sentence. */
export function recoverCommand(data: Pick<DataDirectory, 'elsewhere' | 'path'>, region: Region): string {
  const command = `keyspan region recover ${region} --data ${data.path}`
  const database = databaseOf(data)
  if (database === null) return command
  return `${command} --database ${database} (and the root key and password file of the server)`
}
