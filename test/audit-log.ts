import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dataDirectory } from '../src/server/data/data-directory.ts'

/** Every record of a Region, a line each, the oldest first. */
export async function auditLog({ path }: { readonly path: string }, region: string): Promise<string> {
  const folder = dataDirectory(path).audit(region)
  const days = (await readdir(folder)).toSorted()
  return (await Promise.all(days.map((day) => readFile(join(folder, day), 'utf8')))).join('')
}
