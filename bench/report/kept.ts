import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plan, Section } from './section.ts'

const ROOT = join(import.meta.dirname, '../..')
const DIRECTORY = join(ROOT, 'node_modules/.cache/keyspan-bench')

/** Parts of the report that were measured before, of the same bundle and by the same plan. */
export interface KeptSections {
  get(name: string): Section | undefined
  put(name: string, section: Section): void
}

/** A report takes an hour: where it was cut off, what it has measured is kept. */
export function keptSections(plan: Plan): KeptSections {
  const bundle = readFileSync(join(ROOT, 'dist/server.cjs'))
  const key = createHash('sha256').update(bundle).update(JSON.stringify(plan)).digest('hex').slice(0, 16)
  const pathOf = (name: string) => join(DIRECTORY, `${key}-${name}.json`)
  return {
    get(name) {
      if (!existsSync(pathOf(name))) return undefined
      const kept = JSON.parse(readFileSync(pathOf(name), 'utf8')) as Omit<Section, 'charts'> & { charts: [] }
      return { ...kept, charts: new Map(kept.charts) }
    },
    put(name, section) {
      mkdirSync(DIRECTORY, { recursive: true })
      writeFileSync(pathOf(name), JSON.stringify({ ...section, charts: [...section.charts] }))
    },
  }
}
