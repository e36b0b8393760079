import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const ROOT = new URL('../..', import.meta.url).pathname

/** A version of the program that comes after this one. */
export interface NewerProgram extends AsyncDisposable {
  /** The file that is `keyspan`. */
  readonly main: string
}

/** A migration that this version does not have. */
export const NEWER_MIGRATION = '9999-newer'
const MIGRATION = `
  '${NEWER_MIGRATION}': {
    async up({ schema }) {
      await schema.createTable('newer').addColumn('id', 'text', (column) => column.primaryKey()).execute()
    },
  },`

/** Bundles the sources with one migration more, of both kinds of stores. */
export async function makeNewerProgram(): Promise<NewerProgram> {
  const directory = await mkdtemp(join(tmpdir(), 'keyspan-newer-'))
  for (const name of ['src', 'build', 'bin', 'console', 'package.json']) {
    await cp(join(ROOT, name), join(directory, name), { recursive: true })
  }
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'))
  for (const kind of ['region', 'global']) {
    const path = join(directory, 'src/storage/sql', `${kind}-schema.ts`)
    const before = await readFile(path, 'utf8')
    const after = before.replace(/_MIGRATIONS: Readonly<Record<string, Migration>> = \{/, `$&${MIGRATION}`)
    if (after === before) throw new Error(`${path} has its migrations in another form.`)
    await writeFile(path, after)
  }
  await promisify(execFile)(process.execPath, [join(directory, 'build/bundle.ts')])
  return {
    main: join(directory, 'bin', 'keyspan.cjs'),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  }
}
