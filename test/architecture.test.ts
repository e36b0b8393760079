import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const SRC = resolve(import.meta.dirname, '../src')

/** What each folder may import: its own files always, and these. Types are held to the same rule. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  policy: [],
  crypto: [],
  storage: ['domain', 'crypto'],
  // An operation and the movement between Regions are neighbours on a floor; only the audit record is shared.
  kernel: ['domain', 'policy', 'crypto', 'storage'],
  replication: ['domain', 'crypto', 'storage', 'kernel/audit.ts'],
  services: ['domain', 'policy', 'crypto', 'storage', 'kernel', 'replication'],
  protocol: ['domain', 'kernel'],
  server: ['domain', 'policy', 'crypto', 'storage', 'kernel', 'replication', 'services', 'protocol'],
  cli: ['domain', 'storage', 'server'],
  'main.ts': ['cli'],
}

/** Folders that use nothing of Node's but these: the pure floors. */
const PURE: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  policy: ['node:net'],
  crypto: ['node:crypto', 'node:worker_threads'],
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => /(?<!\.test)\.ts$/.test(name))

function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(SRC, file), 'utf8')
  return [...text.matchAll(/^(?:import|export) (?:[^'"]* from )?'([^']+)'/gm)].map(([, name = '']) => name)
}

function folderOf(file: string): string {
  return file.split('/')[0] ?? ''
}

describe('The floors', () => {
  it.each(files)('%s imports only from its own folder and from below', (file) => {
    const folder = folderOf(file)
    const allowed = MAY_IMPORT[folder] ?? []
    for (const name of importsOf(file).filter((each) => each.startsWith('.'))) {
      const target = relative(SRC, resolve(SRC, dirname(file), name))
      const isAllowed = folderOf(target) === folder || allowed.includes(folderOf(target)) || allowed.includes(target)
      expect(isAllowed, `${file} imports ${target}`).toBe(true)
      expect(name, 'a relative import says .ts, or is data').toMatch(/\.(?:ts|json)$/)
    }
  })

  // What is run by hand to write data is no part of its floor.
  it.each(files.filter((file) => folderOf(file) in PURE && !file.endsWith('/make.ts')))('%s does no I/O', (file) => {
    const modules = importsOf(file).filter((name) => name.startsWith('node:') || builtinModules.includes(name))
    expect(PURE[folderOf(file)]).toEqual(expect.arrayContaining(modules))
  })

  it('has no file of more than 400 lines', () => {
    const long = files.filter((file) => readFileSync(join(SRC, file), 'utf8').split('\n').length > 400)
    expect(long).toEqual([])
  })
})

describe.each(readdirSync(join(SRC, 'services')))('The operations of %s', (service) => {
  const folder = join(SRC, 'services', service, 'operations')

  it.each(readdirSync(folder))('%s is named like its export', (file) => {
    const name = file.replace(/\.ts$/, '').replaceAll('-', '')
    // AWS writes abbreviations in capitals.
    expect(readFileSync(join(folder, file), 'utf8').toLowerCase()).toContain(`export const ${name} = `)
  })
})
