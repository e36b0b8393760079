import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { Keeping } from '../sqlite.ts'
import { syncPathNow } from '../whole-file.ts'

/** One file of an audit log, open to be appended to. */
export interface AuditFile {
  /** In bytes: what was written and not undone. */
  readonly size: number
  /** In bytes: what a cut of power leaves. */
  readonly synced: number
  /** Appends all of `bytes`, or where that fails nothing of it. */
  write(bytes: Uint8Array): void
  /** Syncs what was written until now. */
  sync(): Promise<void>
  syncNow(): void
  /** Takes away what was written and not synced. */
  undo(): void
  /** Throws where something is still there that a failed write or sync has left. */
  mend(): void
  close(): void
}

/** Opens a file, and makes it where it is missing; a last line that was not written to its end is cut off. */
export function openAuditFile(path: string, keeping: Keeping = 'durable'): AuditFile {
  const file = openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o600)
  try {
    return auditFile(file, dirname(path), keeping === 'durable')
  } catch (error) {
    closeSync(file)
    throw error
  }
}

function auditFile(file: number, directory: string, isSynced: boolean): AuditFile {
  const found = fstatSync(file).size
  let size = lengthOfWholeLines(file, found)
  /** The file may be longer than `size`. */
  let isTorn = size < found
  const mend = (): void => {
    if (isTorn) ftruncateSync(file, size)
    isTorn = false
  }
  const cut = (): void => {
    isTorn = true
    try {
      mend()
    } catch {
      // It is tried again before anything else is written or looked for.
    }
  }
  mend()
  if (isSynced) {
    fdatasyncSync(file)
    syncPathNow(directory)
  }
  let synced = size
  return {
    get size() {
      return size
    },
    get synced() {
      return synced
    },
    mend,
    write(bytes) {
      mend()
      try {
        for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written)
      } catch (error) {
        cut()
        throw error
      }
      size += bytes.length
    },
    sync() {
      const end = size
      if (!isSynced) {
        synced = end
        return Promise.resolve()
      }
      return new Promise((resolve, reject) => {
        fdatasync(file, (error) => {
          if (error !== null) return reject(error)
          synced = Math.max(synced, end)
          resolve()
        })
      })
    },
    syncNow() {
      mend()
      if (isSynced) fdatasyncSync(file)
      synced = size
    },
    undo() {
      size = synced
      cut()
    },
    close: () => closeSync(file),
  }
}

/** A line that was not written to its end was never answered for. */
function lengthOfWholeLines(file: number, size: number): number {
  const block = Buffer.allocUnsafe(4096)
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - block.length)
    const count = readSync(file, block, 0, end - start, start)
    const newline = block.subarray(0, count).lastIndexOf(0x0a)
    if (newline >= 0) return start + newline + 1
    end = start
  }
  return 0
}
