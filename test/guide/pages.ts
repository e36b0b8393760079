import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const ROOT = new URL('../..', import.meta.url).pathname
const GUIDE = join(ROOT, 'docs/guide')

/** The files of the pages whose commands are run. */
export async function pageFiles(): Promise<readonly string[]> {
  const names = (await readdir(GUIDE)).filter((name) => name.endsWith('.md')).toSorted()
  return [join(ROOT, 'README.md'), ...names.map((name) => join(GUIDE, name))]
}

/** The name of a page's file in the clone. */
export function nameOf(file: string): string {
  return file.slice(ROOT.length)
}

/** The text of a page. */
export function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8')
}
