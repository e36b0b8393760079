import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plan, Section } from './section.ts'

const ROOT = join(import.meta.dirname, '../..')
const DIRECTORY = join(ROOT, 'node_modules/.cache/keyspan-bench')

/** Parts of the report that were measured before, of the same bundle and sources, in the same way and by the same plan. */
export interface KeptSections {
  get(name: string): Section | undefined
  put(name: string, section: Section): void
  /** Forgets them all: the next report is measured anew. */
  clear(): void
}

/** A report takes an hour: where it was cut off, what it has measured is kept until it is written. */
export function keptSections(plan: Plan): KeptSections {
  const key = createHash('sha256').update(JSON.stringify(plan))
  for (const file of ['dist/server.cjs', ...globSync('{bench,bin,src}/**/*.{ts,js}', { cwd: ROOT }).toSorted()]) {
    key.update(readFileSync(join(ROOT, file)))
  }
  const prefix = join(DIRECTORY, key.digest('hex'))
  const pathOf = (name: string) => `${prefix}-${name}.json`
  return {
    get(name) {
      if (!existsSync(pathOf(name))) return undefined
      const kept = JSON.parse(readFileSync(pathOf(name), 'utf8')) as Omit<Section, 'charts'> & { charts: [] }
      return { ...kept, charts: new Map(kept.charts) }
    },
    put(name, section) {
      mkdirSync(DIRECTORY, { recursive: true })
      const torn = `${pathOf(name)}.new`
      writeFileSync(torn, JSON.stringify({ ...section, charts: [...section.charts] }))
      renameSync(torn, pathOf(name))
    },
    clear: () => rmSync(DIRECTORY, { recursive: true, force: true }),
  }
}
