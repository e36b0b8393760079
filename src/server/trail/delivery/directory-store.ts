import { open, mkdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncPathNow } from '../../../storage/whole-file.ts'
import { reasonOf } from '../../system-errors.ts'
import { DeliveryError, type TrailStore } from './trail-store.ts'

/** Whoever has the group may read what is delivered. */
const DIRECTORY_MODE = 0o750
const FILE_MODE = 0o640

/**
 * Delivers to a directory: a bucket is a folder in it, which is made when it is first used. What S3 keeps beside an
 * object is in a file beside it, `<object>.metadata.json`.
 */
export function directoryStore(directory: string): TrailStore {
  return {
    async check(bucket) {
      const path = join(directory, bucket)
      try {
        await mkdir(path, { recursive: true, mode: DIRECTORY_MODE })
        return null
      } catch (error) {
        return { isMissing: false, text: `The folder ${path} of the bucket cannot be made: ${reasonOf(error)}.` }
      }
    },
    async put({ bucket, object, bytes, metadata }) {
      const path = join(directory, bucket, object)
      try {
        await makeFolder(dirname(path), directory)
        // The object comes last: who finds it finds what belongs to it.
        if (Object.keys(metadata).length > 0) {
          await writeWhole(`${path}.metadata.json`, Buffer.from(JSON.stringify(metadata)))
        }
        await writeWhole(path, bytes)
        syncPathNow(dirname(path))
      } catch (error) {
        throw new DeliveryError(codeOf(error), `${path} cannot be written: ${reasonOf(error)}.`, error)
      }
    },
  }
}

/** Makes a folder and those above it; their names are durable. */
async function makeFolder(path: string, end: string): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode: DIRECTORY_MODE })
  if (made === undefined) return
  for (let each = path; each !== dirname(made) && each !== dirname(end); each = dirname(each)) {
    syncPathNow(dirname(each))
  }
}

async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  const begun = `${path}.new`
  {
    await using file = await open(begun, 'w', FILE_MODE)
    await file.writeFile(bytes)
    await file.sync()
  }
  await rename(begun, path)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'Error'
}
