import { readFileSync } from 'node:fs'
import { reasonOf } from '../../server/system-errors.ts'

/** More than 34 Regions take. */
const MAX_BYTES = 200_000

/** Reads an introduction of another server; `-` is standard input. */
export function readIntroductionFile(path: string): string {
  try {
    const text = readFileSync(path === '-' ? 0 : path, 'utf8')
    if (text.length <= MAX_BYTES) return text
  } catch (error) {
    throw new Error(`${path} cannot be read: ${reasonOf(error)}.`, { cause: error })
  }
  throw new Error(`${path} is too long to be an introduction.`)
}
