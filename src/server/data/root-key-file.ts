import { createSecretKey, randomUUID } from 'node:crypto'
import { constants, existsSync } from 'node:fs'
import { link, open, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { KeyringError, type RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import { randomSecret } from '../../crypto/random.ts'
import { ROOT_KEY_BYTES, rootKeyProvider, type RootKey } from './root-key.ts'
import { readSecretFile } from './secret-file.ts'
import { replaceFile, syncPath } from '../../storage/whole-file.ts'
import { reasonOf } from '../system-errors.ts'

const LINE = /^kmsroot-v1:([0-9a-f-]{36}):([A-Za-z0-9+/]{43}=)$/

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
  if (keys === null && !existsSync(dirname(path))) {
    throw new KeyringError(
      `There is no directory ${dirname(path)}. Give --data the directory of a server's data, or --root-key the file of its ` +
        'root key.',
    )
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
  const bytes = await readSecretFile(path, 'root key')
  if (bytes === null) return null
  const lines = bytes.toString('latin1').split('\n')
  bytes.fill(0)
  return lines.filter((line) => line !== '').map((line, index) => readLine(line, `line ${index + 1} of ${path}`))
}

/**
 * Makes a new root key that wraps from now on; those of the file stay behind it, and open what they have wrapped.
 *
 * @throws KeyringError where the file cannot be written
 */
export async function addRootKey(path: string): Promise<RootKeyProvider> {
  const former = await readSecretFile(path, 'root key')
  if (former === null) return openRootKeyFile({ path, mayCreate: true })
  const bytes = randomSecret(ROOT_KEY_BYTES)
  try {
    await requireOwn(path)
    await replaceFile(path, `kmsroot-v1:${randomUUID()}:${bytes.toString('base64')}\n${former.toString('latin1')}`)
  } catch (error) {
    if (error instanceof KeyringError) throw error
    throw new KeyringError(`The root key ${path} cannot be written: ${reasonOf(error)}. ${BY_HAND}`, { cause: error })
  } finally {
    bytes.fill(0)
    former.fill(0)
  }
  return openRootKeyFile({ path, mayCreate: false })
}

/**
 * Takes keys out of the file; the file itself where none is left.
 *
 * @param isKept by the name of a key, and its place in the file
 * @param agree told the names of those that are to go; what it throws leaves the file as it is
 * @returns those names
 * @throws KeyringError where the file cannot be written
 */
export async function dropRootKeys(
  path: string,
  isKept: (ref: string, index: number) => boolean,
  agree: (refs: readonly string[]) => void,
): Promise<readonly string[]> {
  const keys = (await readKeys(path)) ?? []
  const gone = keys.map(({ ref }) => ref).filter((ref, index) => !isKept(ref, index))
  if (gone.length === 0) return []
  agree(gone)
  try {
    await requireOwn(path)
    const left = keys.filter(({ ref }, index) => isKept(ref, index))
    if (left.length === 0) {
      await rm(path)
      await syncPath(dirname(path))
    } else {
      await replaceFile(path, left.map(lineOf).join(''))
    }
  } catch (error) {
    if (error instanceof KeyringError) throw error
    throw new KeyringError(`The root key ${path} cannot be written: ${reasonOf(error)}. Take its lines away by hand.`, {
      cause: error,
    })
  }
  return gone
}

function lineOf({ ref, key }: RootKey): string {
  const bytes = key.export()
  try {
    return `kmsroot-v1:${ref}:${bytes.toString('base64')}\n`
  } finally {
    bytes.fill(0)
  }
}

const BY_HAND =
  'Whoever keeps the file adds the new key as its first line, kmsroot-v1:<name>:<32 bytes in base64>, and starts the ' +
  'server again: it goes over to the first key of the file by itself.'

async function requireOwn(path: string): Promise<void> {
  const { uid } = await stat(path)
  if (uid === (process.geteuid?.() ?? uid)) return
  throw new KeyringError(`The root key ${path} is kept by user ${uid}, not by this server. ${BY_HAND}`)
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
