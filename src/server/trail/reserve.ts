import { randomBytes } from 'node:crypto'
import { rm, stat, writeFile } from 'node:fs/promises'
import { isDiskFull } from '../../storage/house/disk-full.ts'

const BYTES = 1024 * 1024

/** Room on a disk for what makes room: before records are deleted, a checkpoint that says so is written. */
export interface Reserve {
  /** Takes the room, unless it is taken or there is none. */
  keep(): Promise<void>
  /** Does something; where the disk is full, once more with the room of the reserve. */
  spend<Result>(work: () => Promise<Result>): Promise<Result>
}

/** @param path the file that takes the room */
export function createReserve(path: string): Reserve {
  return {
    async keep() {
      if ((await stat(path).catch(() => null))?.size === BYTES) return
      try {
        // Some file systems would make nothing of what repeats itself.
        await writeFile(path, randomBytes(BYTES), { mode: 0o600 })
      } catch (error) {
        await rm(path, { force: true })
        if (!isDiskFull(error)) throw error
      }
    },
    async spend(work) {
      try {
        return await work()
      } catch (error) {
        if (!isDiskFull(error)) throw error
        await rm(path, { force: true })
        return work()
      }
    },
  }
}
