import { existsSync, readFileSync } from 'node:fs'
import type { Region } from '../../domain/region.ts'
import type { DataDirectory } from './data-directory.ts'

/** What says, of a data directory whose server is stopped, that a Region was put back: the end of a sentence. */
export function recoverCommand({ elsewhere, path }: Pick<DataDirectory, 'elsewhere' | 'path'>, region: Region): string {
  const command = `keyspan region recover ${region} --data ${path}`
  if (!existsSync(elsewhere)) return command
  return `${command} --database ${readFileSync(elsewhere, 'utf8').trim()} (and the root key and password file of the server)`
}
