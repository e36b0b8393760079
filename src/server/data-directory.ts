import { mkdir } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Region } from '../domain/region.ts'

/** Where everything lies that one deployment keeps. */
export interface DataDirectory {
  readonly path: string
  readonly rootKey: string
  readonly global: string
  readonly credentials: string
  readonly config: string
  readonly controlSocket: string
  /** One folder a Region. */
  readonly audits: string
  region(region: Region): string
  audit(region: Region): string
}

/** The layout of a data directory. */
export function dataDirectory(data: string): DataDirectory {
  const path = resolve(data)
  return {
    path,
    rootKey: join(path, 'root.key'),
    global: join(path, 'global.sqlite'),
    credentials: join(path, 'aws', 'credentials'),
    config: join(path, 'aws', 'config'),
    controlSocket: shorter(join(path, 'keyspan.sock')),
    audits: join(path, 'audit'),
    region: (region) => join(path, 'regions', `${region}.sqlite`),
    audit: (region) => join(path, 'audit', region),
  }
}

/** A socket's path is short on every system (108 bytes on Linux); a relative one may fit where the whole does not. */
function shorter(path: string): string {
  const short = relative(process.cwd(), path)
  return short.length < path.length ? short : path
}

/** A data directory that cannot be used as it is. */
export class DataDirectoryError extends Error {}

/** Takes a data directory for this process alone, until it ends, however it ends. */
export async function lockDataDirectory(data: DataDirectory): Promise<Disposable> {
  for (const part of ['', 'regions', 'audit', 'aws']) {
    await mkdir(join(data.path, part), { recursive: true, mode: 0o700 })
  }
  // SQLite's own file lock: the operating system frees it when the process dies.
  const lock = new DatabaseSync(join(data.path, 'lock'))
  try {
    lock.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    throw new DataDirectoryError(`Another keyspan process is using ${data.path}. Stop it, or give --data.`, {
      cause: error,
    })
  }
  return { [Symbol.dispose]: () => lock.close() }
}

/** Says whether a deployment has ever been kept here: its root key must then never be made anew. */
export function holdsDeployment(data: DataDirectory): boolean {
  return existsSync(data.global)
}
