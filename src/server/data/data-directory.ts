import { chmod, mkdir, open, stat } from 'node:fs/promises'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Region } from '../../domain/region.ts'

/** Where everything lies that one deployment keeps. */
export interface DataDirectory {
  readonly path: string
  readonly rootKey: string
  /** Where its data is, where that is in a database. */
  readonly elsewhere: string
  /** Records that are still to be handed over to the process that leads, one folder a Region. */
  readonly outbox: string
  /** What tells its audit logs from those of other processes that serve the same database. */
  readonly node: string
  /** What holds the root key, where it is not in a file. */
  readonly keyring: string
  readonly global: string
  /** Why requests were refused in the last days. */
  readonly refusals: string
  readonly credentials: string
  readonly config: string
  readonly controlSocket: string
  /** It is there while a backup is put back. */
  readonly restoring: string
  /** Which Regions were put back, until each has begun another life. */
  readonly putBack: string
  /** One folder a Region. */
  readonly audits: string
  /** The Merkle trees of the logs, one folder a Region. */
  readonly trees: string
  /** How far the targets of alarms were told, one file a target. */
  readonly alarms: string
  /** What trails have delivered, one folder a bucket, unless they are told to go elsewhere. */
  readonly trails: string
  /** Room for what has to be written before anything is deleted. */
  readonly reserve: string
  /** The databases of Regions. */
  readonly regions: string
  region(region: Region): string
  audit(region: Region): string
  /** What finds events in an audit log: made from it, and made again where it is missing. */
  auditIndex(region: Region): string
  tree(region: Region): string
}

/**
 * The layout of a data directory.
 *
 * @param rootKey a place of its own for the root key; null where it lies beside the data
 */
export function dataDirectory(data: string, rootKey: string | null = null): DataDirectory {
  const path = resolve(data)
  return {
    path,
    rootKey: rootKey === null ? join(path, 'root.key') : resolve(rootKey),
    elsewhere: join(path, 'database'),
    outbox: join(path, 'outbox'),
    node: join(path, 'node'),
    keyring: join(path, 'keyring.json'),
    global: join(path, 'global.sqlite'),
    refusals: join(path, 'refusals.sqlite'),
    credentials: join(path, 'aws', 'credentials'),
    config: join(path, 'aws', 'config'),
    controlSocket: shorter(join(path, 'keyspan.sock')),
    restoring: join(path, 'restoring'),
    putBack: join(path, 'put-back.json'),
    audits: join(path, 'audit'),
    trees: join(path, 'trees'),
    alarms: join(path, 'alarms'),
    trails: join(path, 'trails'),
    reserve: join(path, 'reserve'),
    regions: join(path, 'regions'),
    region: (region) => join(path, 'regions', `${region}.sqlite`),
    audit: (region) => join(path, 'audit', region),
    auditIndex: (region) => join(path, 'audit-index', region),
    tree: (region) => join(path, 'trees', region),
  }
}

/** A socket's path is short on every system (108 bytes on Linux); a relative one may fit where the whole does not. */
function shorter(path: string): string {
  const short = relative(process.cwd(), path)
  return short.length < path.length ? short : path
}

/** A data directory that cannot be used as it is. */
export class DataDirectoryError extends Error {}

/** What a socket's path may have at most, in bytes, without the zero behind it. */
const MAX_SOCKET_PATH = process.platform === 'darwin' ? 103 : 107

/** @throws DataDirectoryError where the control socket's path does not fit */
export function requireShortSocket({ controlSocket, path }: DataDirectory): void {
  const length = Buffer.byteLength(controlSocket)
  if (length <= MAX_SOCKET_PATH) return
  throw new DataDirectoryError(
    `The data directory ${path} has too long a name: that of the socket in it would have ${length} bytes, and ` +
      `${MAX_SOCKET_PATH} are possible. Give --data a shorter one, or go nearer to it: cd ${dirname(path)}`,
  )
}

/**
 * Takes a data directory for this process alone, until it ends, however it ends. It is its owner's alone from then on.
 *
 * @throws DataDirectoryError where it cannot be written, belongs to somebody else, or is in use
 */
export async function lockDataDirectory(data: DataDirectory): Promise<Disposable> {
  requireShortSocket(data)
  await requireOfOwn(data)
  for (const part of ['', 'regions', 'audit', 'audit-index', 'aws']) await ownDirectory(join(data.path, part))
  const path = join(data.path, 'lock')
  await ownFile(path)
  // SQLite's own file lock: the operating system frees it when the process dies.
  const lock = new DatabaseSync(path)
  try {
    lock.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    const isBusy = (error as { errcode?: number }).errcode === SQLITE_BUSY
    if (!isBusy) throw unusable(path, error)
    throw new DataDirectoryError(`Another keyspan process is using ${data.path}. Stop it, or give --data.`, {
      cause: error,
    })
  }
  return { [Symbol.dispose]: () => lock.close() }
}

/** A directory with other things in it is not taken from those who use it. */
async function requireOfOwn({ path, global }: DataDirectory): Promise<void> {
  const found = await stat(path).catch(() => null)
  if (found === null || !found.isDirectory() || (found.mode & OTHERS) === 0) return
  const isNew = readdirSync(path).every((name) => OURS.includes(name))
  if (isNew || existsSync(global)) return
  throw new DataDirectoryError(
    `${path} holds other things, and others may enter it. Give --data a directory of its own, such as ${join(path, 'keyspan-data')}.`,
  )
}

/** What a first start that was cut off may have left, and what a new disk has. */
const OURS = [
  'lock',
  'regions',
  'audit',
  'audit-index',
  'aws',
  'root.key',
  'root.key.new',
  'keyring.json',
  'keyring.json.new',
  'database',
  'database.new',
  'node',
  'node.new',
  'global.sqlite.new',
  'restoring',
  'lost+found',
]
const SQLITE_BUSY = 5
const OTHERS = 0o077

/** Makes a directory and those above it, its owner's alone. Node's own way waits for ever where none can be made. */
export async function makeDirectory(path: string): Promise<void> {
  const make = () => mkdir(path, { mode: 0o700 })
  try {
    await make()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return
    if (code !== 'ENOENT' || dirname(path) === path) throw error
    await makeDirectory(dirname(path))
    await make()
  }
}

/** Makes a directory, and takes away what others may do with it. */
async function ownDirectory(path: string): Promise<void> {
  try {
    await makeDirectory(path)
    await own(path, 0o700)
  } catch (error) {
    throw unusable(path, error)
  }
}

async function ownFile(path: string): Promise<void> {
  try {
    await (await open(path, 'a', 0o600)).close()
    await own(path, 0o600)
  } catch (error) {
    throw unusable(path, error)
  }
}

async function own(path: string, mode: number): Promise<void> {
  const { mode: found, uid } = await stat(path)
  if (process.geteuid !== undefined && uid !== process.geteuid()) {
    throw new DataDirectoryError(
      `${path} belongs to user ${uid}, who could read and change what is in it, and this server runs as user ` +
        `${process.geteuid()}. Give it to that user (chown), or give --data a directory of its own.`,
    )
  }
  if ((found & OTHERS) !== 0) await chmod(path, mode)
}

const REASONS: Readonly<Record<string, string>> = {
  EROFS: 'its disk can only be read. Mount it for writing, or give --data a directory elsewhere.',
  ENOENT: 'no directory can be made there. Give --data another.',
  EACCES: 'this user may not write there. Take another user, or give --data a directory of its own.',
  EPERM: 'this user may not change it. Take another user, or give --data a directory of its own.',
  ENOSPC: 'its disk is full. Make room on it.',
  EDQUOT: 'the quota of its disk is used up. Make room on it.',
  ENOTDIR: 'a part of that path is a file. Give --data a directory.',
  EEXIST: 'there is a file of that name. Give --data a directory.',
  ENAMETOOLONG: 'its name is too long. Give --data a shorter one.',
}

function unusable(path: string, error: unknown): DataDirectoryError {
  if (error instanceof DataDirectoryError) return error
  const { code = '', message } = error as NodeJS.ErrnoException
  return new DataDirectoryError(`${path} cannot be used: ${REASONS[code] ?? `${message}.`}`, { cause: error })
}

/** Says whether a deployment has ever been kept here: its root key must then never be made anew. */
export function holdsDeployment(data: DataDirectory): boolean {
  return existsSync(data.global) || holdsKeysInFiles(data)
}

/**
 * Says whether any Region's database here has a key in it, be it served or not: what belongs to all Regions, the global
 * database, the accounts, must then never begin anew. One that cannot be read may have some.
 */
export function holdsKeysInFiles({ regions: directory }: DataDirectory): boolean {
  const names = existsSync(directory) ? readdirSync(directory) : []
  return names.filter((name) => name.endsWith('.sqlite')).some((name) => hasKey(join(directory, name)))
}

function hasKey(path: string): boolean {
  if (statSync(path).size === 0 && !existsSync(`${path}-wal`)) return false
  const database = new DatabaseSync(path)
  try {
    const table = database.prepare("select 1 from sqlite_master where type = 'table' and name = 'key'").get()
    return table !== undefined && database.prepare('select 1 from key limit 1').get() !== undefined
  } catch {
    return true
  } finally {
    database.close()
  }
}
