import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { chmod, copyFile, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { backup as copyDatabase, DatabaseSync } from 'node:sqlite'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import type { Region } from '../../domain/region.ts'
import type { RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import { openGlobalStore } from '../../storage/open-global-store.ts'
import {
  DataDirectoryError,
  holdsDeployment,
  lockDataDirectory,
  makeDirectory,
  type DataDirectory,
} from './data-directory.ts'
import type { StoreHouse } from '../../storage/house/store-house.ts'
import { replaceFile, syncPath } from '../../storage/whole-file.ts'
import { reasonOf } from '../system-errors.ts'
import { sayPutBack } from './put-back.ts'

/** What a backup says of itself. It is written last: a backup without it is not whole. */
const MANIFEST = 'backup.json'
const FORMAT = 1

/** What a backup holds, and nothing else is put back. */
const FILE =
  /^(?:global\.sqlite|keyring\.json|node|regions\/[a-z0-9-]+\.sqlite|audit\/[a-z0-9-]+\/[\dTZ-]+\.jsonl(?:\.zst)?|trees\/[a-z0-9-]+\/(?:\d|checkpoint|cosigned))$/
/** What is replaced whole, so that it is of the moment only when it is read at it. */
const REPLACED = /\/(?:checkpoint|cosigned|keyring\.json|node)$/

const manifest = z.object({
  format: z.literal(FORMAT),
  takenAt: z.string(),
  files: z.record(z.string(), z.object({ bytes: z.number(), sha256: z.string() })),
})
type Manifest = z.infer<typeof manifest>

/** A backup that cannot be taken, or not put back. */
export class BackupError extends Error {}

/**
 * Copies what a deployment holds into a new directory: every database and audit log as they were at one and the same
 * moment, so that no Region has heard what another has not said. Neither the root key nor the profiles are in it.
 *
 * The server goes on serving.
 *
 * @param target must be empty or missing
 * @param writers the stores that are open, and may change
 * @throws BackupError
 */
export async function takeBackup(
  data: DataDirectory,
  target: string,
  now: number,
  stores: StoreHouse,
  writers: readonly Writer[] = [],
): Promise<Manifest> {
  await requireEmpty(data, target)
  const moment = await momentOf(data, stores, writers)
  try {
    return await copyMoment(moment.copies, target, now)
  } catch (error) {
    // What is not whole is of no use, and in the way of the next try.
    for (const name of await readdir(target)) await rm(join(target, name), { recursive: true })
    throw new BackupError(`The backup could not be written: ${reasonOf(error)}.`, { cause: error })
  } finally {
    await moment.close()
  }
}

async function copyMoment(copies: readonly Copy[], target: string, now: number): Promise<Manifest> {
  const files: Manifest['files'] = {}
  for (const copy of copies) {
    const path = join(target, copy.path)
    await makeDirectory(dirname(path))
    await copy.write(path)
    await chmod(path, 0o600)
    await syncPath(path)
    files[copy.path] = await describe(path)
  }
  const taken: Manifest = { format: FORMAT, takenAt: new Date(now).toISOString(), files }
  await replaceFile(join(target, MANIFEST), `${JSON.stringify(taken, null, 2)}\n`)
  return taken
}

/**
 * Puts a backup into a data directory that holds no deployment, if the root key opens it.
 *
 * Cut off, it can be run again; until it has ended, no server starts there.
 *
 * @throws BackupError
 */
export async function restoreBackup(
  data: DataDirectory,
  source: string,
  openRoot: () => Promise<RootKeyProvider>,
): Promise<Manifest> {
  requireRoom(data, source)
  const taken = await readManifest(source)
  for (const [path, expected] of Object.entries(taken.files)) {
    if (!FILE.test(path)) throw new BackupError(`"${path}" in ${join(source, MANIFEST)} is no file of a backup.`)
    const found = existsSync(join(source, path)) ? await describe(join(source, path)) : null
    if (found?.sha256 === expected.sha256) continue
    throw new BackupError(`${join(source, path)} is ${found === null ? 'missing' : 'damaged'}. Take another backup.`)
  }
  await requireRootKey(source, await openRoot())
  using _lock = await lockDataDirectory(data)
  // Another may have been quicker.
  requireRoom(data, source)
  await replaceFile(data.restoring, `${source}\n`)
  // Last of all the file by which a deployment is known.
  const paths = Object.keys(taken.files).toSorted((a, b) => Number(a === GLOBAL) - Number(b === GLOBAL))
  for (const path of paths) {
    const target = join(data.path, path)
    await makeDirectory(dirname(target))
    await pipeline(createReadStream(join(source, path)), createWriteStream(`${target}.new`, { mode: 0o600 }))
    await syncPath(`${target}.new`)
    await rename(`${target}.new`, target)
    await syncPath(dirname(target))
  }
  await sayPutBack(data, regionsIn(taken), `the backup of ${taken.takenAt} was restored`)
  await rm(data.restoring)
  return taken
}

function regionsIn({ files }: Manifest): readonly Region[] {
  return Object.keys(files).flatMap((path) => /^regions\/(.+)\.sqlite$/.exec(path)?.[1] ?? [])
}

/** When a backup was taken, in ISO 8601. @throws BackupError where it is none */
export async function backupTime(source: string): Promise<string> {
  return (await readManifest(source)).takenAt
}

/** @throws BackupError where a backup cannot be restored into a data directory */
function requireRoom(data: DataDirectory, source: string): void {
  if (holdsDeployment(data) && !existsSync(data.restoring)) {
    throw new BackupError(`${data.path} holds a deployment already. Restore into a new directory: give --data another.`)
  }
  if (!relative(source, data.path).startsWith('..')) {
    throw new BackupError(`${data.path} is in the backup ${source} itself. Give --data another.`)
  }
}

/** Tries the root key on the global database of a backup, which is left as it is. */
async function requireRootKey(source: string, root: RootKeyProvider): Promise<void> {
  const copy = await mkdtemp(join(tmpdir(), 'keyspan-'))
  try {
    const tried = join(copy, GLOBAL)
    await copyFile(join(source, GLOBAL), tried)
    const store = await openGlobalStore(tried, { root, now: 0, mayBegin: () => false })
    await store.close()
  } finally {
    await rm(copy, { recursive: true })
  }
}

/** What a backup is made of, all of one and the same moment. */
export interface BackupMoment {
  readonly copies: readonly Copy[]
  close(): Promise<void>
}

/** A store whose transactions come one after the other. */
export interface Writer {
  transaction<Result>(work: () => Promise<Result>): Promise<Result>
}

async function momentOf(data: DataDirectory, stores: StoreHouse, writers: readonly Writer[]): Promise<BackupMoment> {
  const { moment } = stores
  if (moment === undefined) return filesMoment(data)
  const { databaseMoment } = await import('./backup-database.ts')
  return databaseMoment(data, { ...stores, moment }, writers)
}

/** One file of a backup, as it was at the moment of it. */
interface Copy {
  /** Below the data directory. */
  readonly path: string
  write(target: string): Promise<unknown>
}

const GLOBAL = 'global.sqlite'

/**
 * Every database with a reader that sees this moment for as long as it is open, and every log with its length.
 *
 * INVARIANT: nothing is awaited in here. All that this process commits and logs is written by calls that return when
 * it is done, so that within one turn of the event loop nothing changes.
 */
function filesMoment(data: DataDirectory): BackupMoment {
  const readers: DatabaseSync[] = []
  const databases = [data.global, ...filesOf(join(data.path, 'regions'))].filter((path) => path.endsWith('.sqlite'))
  const copies = databases.map((path): Copy => {
    const reader = new DatabaseSync(path, { readOnly: true })
    readers.push(reader)
    reader.exec('BEGIN')
    // Only a reader that has read something is bound to what it saw.
    reader.prepare('SELECT count(*) FROM sqlite_master').get()
    return { path: relative(data.path, path), write: (target) => copyDatabase(reader, target) }
  })
  const logs = copiesOfLogs(data)
  return {
    copies: [...copies, ...logs],
    async close() {
      for (const reader of readers) reader.close()
    },
  }
}

/**
 * What a data directory has beside its stores: every log with its length.
 *
 * INVARIANT: nothing is awaited in here either.
 */
export function copiesOfLogs(data: DataDirectory): readonly Copy[] {
  const said = [data.keyring, data.node].filter((path) => existsSync(path))
  const ours = [...said, ...[data.audits, data.trees].flatMap(filesOf)].filter((path) =>
    FILE.test(relative(data.path, path)),
  )
  return ours.map((path): Copy => {
    const { size } = statSync(path)
    const whole = REPLACED.test(path) ? [readFileSync(path)] : null
    const part = () => whole ?? (size === 0 ? [] : createReadStream(path, { end: size - 1 }))
    return {
      path: relative(data.path, path),
      write: (target) => pipeline(part(), createWriteStream(target, { mode: 0o600 })),
    }
  })
}

/** Where the store of a place is in a backup. */
export function pathInBackup(place: string): string {
  return place === 'global' ? GLOBAL : join('regions', `${place}.sqlite`)
}

function filesOf(directory: string): readonly string[] {
  if (!existsSync(directory)) return []
  const entries = readdirSync(directory, { withFileTypes: true, recursive: true })
  const paths = entries.map((entry) => join(entry.parentPath, entry.name))
  // A link to a file on another disk is that file.
  return paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
}

async function requireEmpty(data: DataDirectory, target: string): Promise<void> {
  if (!relative(data.path, target).startsWith('..')) {
    throw new BackupError(`${target} lies in the data directory. Give a directory elsewhere.`)
  }
  try {
    await makeDirectory(target)
    if ((await readdir(target)).length === 0) return await chmod(target, 0o700)
  } catch (error) {
    throw new BackupError(`${target} cannot be used for a backup: ${reasonOf(error)}.`, { cause: error })
  }
  throw new BackupError(`${target} is not empty. Each backup has a directory of its own.`)
}

async function readManifest(source: string): Promise<Manifest> {
  const path = join(source, MANIFEST)
  try {
    const found = manifest.parse(JSON.parse(await readFile(path, 'utf8')))
    if (found.files[GLOBAL] === undefined) throw new Error(`It does not name ${GLOBAL}.`)
    return found
  } catch (error) {
    throw new BackupError(
      `${source} holds no whole backup: ${path} cannot be read. Name a directory that keyspan backup has made.`,
      { cause: error },
    )
  }
}

async function describe(path: string): Promise<{ bytes: number; sha256: string }> {
  const digest = createHash('sha256')
  await pipeline(createReadStream(path), digest)
  return { bytes: statSync(path).size, sha256: digest.digest('hex') }
}

/** @throws DataDirectoryError where a restore has not ended */
export function requireRestored(data: DataDirectory): void {
  if (!existsSync(data.restoring)) return
  throw new DataDirectoryError(
    `A restore into ${data.path} was cut off. Run it again: keyspan restore DIR --data ${data.path}`,
  )
}
