import { copyFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Random } from '../random.ts'
import type { Kind } from './kinds.ts'

/** What became of a flipped bit. */
export interface Outcomes {
  /** The file was not opened. */
  refused: number
  /** It was opened, and something in it was refused when it was read. */
  found: number
  /** All that is read is as it was: the bit says nothing, as in a free page. */
  harmless: number
  /** Something is not found any more, and the rest is as it was. */
  missing: number
  /** Something is read that was never written: the damage that nothing finds. */
  unnoticed: number
}

/** Flips `count` random single bits in a file of `data`, each in a fresh copy, and says what became of them. */
export async function flipBits(data: string, kind: Kind, count: number, random: Random): Promise<Outcomes> {
  const outcomes: Outcomes = { refused: 0, found: 0, harmless: 0, missing: 0, unnoticed: 0 }
  const copy = await mkdtemp(join(tmpdir(), 'keyspan-flip-'))
  try {
    await cp(data, copy, { recursive: true })
    const expected = new Set(await readAll(kind, copy))
    const whole = await readFile(join(data, kind.file))
    for (let flip = 0; flip < count; flip += 1) {
      const bytes = Buffer.from(whole)
      const place = random.below(bytes.length)
      bytes[place] = (bytes[place] ?? 0) ^ (1 << random.below(8))
      for (const more of ['-wal', '-shm', '-journal']) await rm(join(copy, `${kind.file}${more}`), { force: true })
      await writeFile(join(copy, kind.file), bytes)
      outcomes[await outcomeOf(kind, copy, expected)] += 1
    }
    await copyFile(join(data, kind.file), join(copy, kind.file))
    return outcomes
  } finally {
    await rm(copy, { recursive: true })
  }
}

async function readAll(kind: Kind, data: string): Promise<readonly string[]> {
  const opened = await kind.open(data)
  try {
    return await opened.read()
  } finally {
    await opened.close()
  }
}

async function outcomeOf(kind: Kind, data: string, expected: ReadonlySet<string>): Promise<keyof Outcomes> {
  let opened: Awaited<ReturnType<Kind['open']>>
  try {
    opened = await kind.open(data)
  } catch {
    return 'refused'
  }
  try {
    const found = new Set(await opened.read())
    if (found.difference(expected).values().every(isAbsence))
      return found.isSupersetOf(expected) ? 'harmless' : 'missing'
    return 'unnoticed'
  } catch {
    return 'found'
  } finally {
    await opened.close().catch(() => {})
  }
}

/** A thing that is asked for by its name and is not there, or a count of fewer things. */
function isAbsence(thing: string): boolean {
  return /^\["[^"]*",null\]$|^\["count",\d+\]$/.test(thing)
}
