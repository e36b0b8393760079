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
  testing: ['domain', 'policy', 'kernel', 'services', 'server'],
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

/** The files that a file imports, also for their types alone. */
function neighboursOf(file: string): readonly string[] {
  const relatives = importsOf(file).filter((name) => name.startsWith('.') && name.endsWith('.ts'))
  return relatives.map((name) => relative(SRC, resolve(SRC, dirname(file), name)))
}

/** What is loaded with these files, before anything of it is run. */
function loadedBy(roots: readonly string[]): { readonly own: readonly string[]; readonly packages: readonly string[] } {
  const own = new Set(roots)
  const packages = new Set<string>()
  for (const file of own) {
    const text = readFileSync(join(SRC, file), 'utf8')
    for (const [, name = ''] of text.matchAll(/^(?:import|export) (?!type )(?:[^'"]* from )?'([^']+)'/gm)) {
      if (name.endsWith('.ts')) own.add(relative(SRC, resolve(SRC, dirname(file), name)))
      else if (!name.startsWith('.') && !name.startsWith('node:')) packages.add(name)
    }
  }
  return { own: [...own], packages: [...packages].toSorted() }
}

/** Files that import each other in a circle, the first one again at the end; null where there are none. */
function circleOf(): readonly string[] | null {
  const done = new Set<string>()
  function visit(file: string, path: readonly string[]): readonly string[] | null {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return null
    for (const next of neighboursOf(file)) {
      const circle = visit(next, [...path, file])
      if (circle !== null) return circle
    }
    done.add(file)
    return null
  }
  return files.map((file) => visit(file, [])).find((circle) => circle !== null) ?? null
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

  it('are built of files that do not import each other in circles', () => {
    expect(circleOf()).toBeNull()
  })

  // What `build/bundle.ts` has in one file. A module that is imported here is evaluated at every start.
  it('lets a start load no other command, and no package that it does not need', () => {
    const roots = ['main.ts', 'cli/serve/serve.ts', 'server/start.ts', 'services/kms/index.ts']
    const { own, packages } = loadedBy(roots)
    const program = readFileSync(join(SRC, 'cli/program.ts'), 'utf8')
    const commands = [...program.matchAll(/ import\('\.\/([^']+)'\)/g)].map(([, name = '']) => `cli/${name}`)
    expect(commands.length).toBeGreaterThan(20)
    expect(own.filter((file) => commands.includes(file))).toEqual(['cli/serve/serve.ts'])
    expect(packages).toEqual(['cborg', 'commander', 'kysely', 'kysely/migration', 'p-limit', 'zod'])
  })

  it('has no room where more files stand side by side than one look takes in', () => {
    const count = new Map<string, number>()
    for (const file of files) count.set(dirname(file), (count.get(dirname(file)) ?? 0) + 1)
    // Operations stand one to a file, in the order of their names.
    const crowded = [...count].filter(([room, number]) => number > 30 && !room.endsWith('/operations'))
    expect(crowded).toEqual([])
  })

  // SECURITY: what only a seed may choose is out of reach of requests: operations find it beside their input.
  it('lets seeds alone choose what chance chooses otherwise', () => {
    const saying = files.filter((file) => /\bchosen\b(?! for)/.test(readFileSync(join(SRC, file), 'utf8')))
    const makers = saying.filter((file) => !/^(?:kernel\/call|services\/\w+\/operations\/[\w-]+)\.ts$/.test(file))
    expect(makers.filter((file) => !file.startsWith('server/seed/'))).toEqual([
      'server/ask-operation.ts',
      'server/data/accounts.ts',
    ])
    const asking = files.filter((file) => importsOf(file).some((name) => name.endsWith('/ask-operation.ts')))
    expect(asking.toSorted()).toEqual(['server/seed/planter.ts', 'server/user-maker.ts'])
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
