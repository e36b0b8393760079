import { createSecretKey, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { link, open, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { KeyringError, type RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import { randomSecret } from '../../crypto/random.ts'
import { ROOT_KEY_BYTES, rootKeyProvider, type RootKey } from './root-key.ts'
import { syncPath } from '../../storage/whole-file.ts'
import { reasonOf } from '../system-errors.ts'

const LINE = /^kmsroot-v1:([0-9a-f-]{36}):([A-Za-z0-9+/]{43}=)$/
const MAX_BYTES = 64 * 1024
const OTHERS = 0o077
const ALL_BUT_READING_GROUP = 0o037
const ROOT = 0

/**
 * Opens the root key in a file: one line a key, `kmsroot-v1:<name>:<base64 of 32 bytes>`. The first wraps; the others
 * are former ones that still open what they wrapped.
 *
 * @param mayCreate true only where nothing was ever wrapped: a root key made over existing data would lose it for good
 * @throws KeyringError where the file is missing or not readable, or open to others
 */
export async function openRootKeyFile(options: { path: string; mayCreate: boolean }): Promise<RootKeyProvider> {
  const { path } = options
  const keys = (await readKeys(path)) ?? (options.mayCreate ? await createKey(path) : null)
  const current = keys?.[0]
  if (keys !== null && current === undefined && options.mayCreate) {
    throw new KeyringError(`The root key ${path} is empty, and no data here needs it. Take it away: rm ${path}`)
  }
  if (keys === null || current === undefined) {
    throw new KeyringError(
      `The root key ${path} is ${keys === null ? 'missing' : 'empty'}, and the data cannot be opened without it. ` +
        'Put the file back from its backup. A new one is made only in an empty data directory.',
    )
  }
  return rootKeyProvider([current, ...keys.slice(1)], 'file', path)
}

/** INVARIANT: an existing file is never written to, and one that is there is whole. */
async function createKey(path: string): Promise<readonly RootKey[]> {
  const ref = randomUUID()
  const bytes = randomSecret(ROOT_KEY_BYTES)
  const unnamed = `${path}.new`
  try {
    // One that a first start has left is nobody's key yet.
    await rm(unnamed, { force: true })
    const file = await open(unnamed, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600)
    try {
      await file.writeFile(`kmsroot-v1:${ref}:${bytes.toString('base64')}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await link(unnamed, path)
    await rm(unnamed)
    await syncPath(dirname(path))
  } catch (error) {
    throw new KeyringError(`The root key ${path} cannot be made: ${reasonOf(error)}.`, { cause: error })
  }
  const key = createSecretKey(bytes)
  bytes.fill(0)
  return [{ ref, key }]
}

async function readKeys(path: string): Promise<readonly RootKey[] | null> {
  const file = await openIfPresent(path)
  if (file === null) return null
  try {
    await requireOwnersAlone(file, path)
    const bytes = await file.readFile()
    const lines = bytes.toString('latin1').split('\n')
    bytes.fill(0)
    return lines.filter((line) => line !== '').map((line, index) => readLine(line, `line ${index + 1} of ${path}`))
  } finally {
    await file.close()
  }
}

async function openIfPresent(path: string): Promise<FileHandle | null> {
  try {
    // Without waiting: to open a pipe would last until somebody writes to it.
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new KeyringError(`The root key ${path} cannot be read: ${reasonOf(error)}.`, { cause: error })
  }
}

/**
 * A key is its reader's alone, or root's. Root's may be read by a group: so whoever runs services hands out secrets that
 * the service cannot change (decision 0031).
 */
async function requireOwnersAlone(file: FileHandle, path: string): Promise<void> {
  const found = await file.stat()
  if (!found.isFile()) throw new KeyringError(`The root key ${path} is no file. Put the file back from its backup.`)
  const { mode, uid, size } = found
  const own = process.geteuid?.() ?? uid
  if (uid !== own && uid !== ROOT) {
    throw new KeyringError(
      `The root key ${path} belongs to user ${uid}, and this server runs as user ${own}. Give it to that user: ` +
        `chown ${own} ${path}`,
    )
  }
  const isOwn = uid === own
  if ((mode & (isOwn ? OTHERS : ALL_BUT_READING_GROUP)) !== 0) {
    throw new KeyringError(
      `The root key ${path} can be read by others. Take that right away: chmod ${isOwn ? '600' : '640'} ${path}`,
    )
  }
  if (size > MAX_BYTES) throw new KeyringError(`${path} is too long for a file of root keys.`)
}

/** INVARIANT: an error names the place of a line, never what is in it. */
function readLine(line: string, place: string): RootKey {
  const [, ref, text] = LINE.exec(line) ?? []
  if (ref === undefined || text === undefined) {
    throw new KeyringError(`There is no root key in ${place}. It reads kmsroot-v1:<name>:<32 bytes in base64>.`)
  }
  const bytes = Buffer.from(text, 'base64')
  const key = createSecretKey(bytes)
  bytes.fill(0)
  return { ref, key }
}
