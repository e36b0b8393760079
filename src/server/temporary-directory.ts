import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Those that there are; a process listens for its own end while there are any. */
const present = new Set<string>()

/** Makes a directory that is gone with the process, where that ends of itself or by `process.exit`. */
export async function makeTemporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'keyspan-'))
  if (present.size === 0) process.on('exit', removeAll)
  present.add(path)
  return path
}

export async function removeTemporaryDirectory(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true })
  present.delete(path)
  if (present.size === 0) process.off('exit', removeAll)
}

function removeAll(): void {
  for (const path of present) rmSync(path, { recursive: true, force: true })
}
