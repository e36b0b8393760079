import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Expected } from './expected.ts'

/** The files of a data directory, as the last release has left them when it was killed. */
const FILES = join(import.meta.dirname, 'files.json.gz')
/** What must be found in them. The keys in both are of no other use. */
const EXPECTED = join(import.meta.dirname, 'expected.json')

/** Keeps a data directory that no server uses, with what is expected of it. */
export async function packRelease(path: string, expected: Expected): Promise<void> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files: Record<string, string> = {}
  for (const entry of entries.filter((each) => each.isFile())) {
    const file = join(entry.parentPath, entry.name)
    files[file.slice(path.length + 1)] = (await readFile(file)).toString('base64')
  }
  await writeFile(FILES, gzipSync(JSON.stringify(files), { level: 9 }))
  await writeFile(EXPECTED, `${JSON.stringify(expected, null, 2)}\n`)
}

/** Lays a copy of that data directory into an empty one, its owner's alone. */
export async function unpackRelease(path: string): Promise<Expected> {
  const files = JSON.parse(gunzipSync(await readFile(FILES)).toString()) as Readonly<Record<string, string>>
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true, mode: 0o700 })
    await writeFile(join(path, name), Buffer.from(content, 'base64'), { mode: 0o600 })
  }
  return JSON.parse(await readFile(EXPECTED, 'utf8')) as Expected
}
