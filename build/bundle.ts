/**
 * `npm run build`: makes `dist/` from `src/`, all that `bin/keyspan.js` and whoever imports the package need; or the
 * directory that is named.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'rolldown'
import { packBlank } from '../src/storage/sql/blank.ts'
import { GLOBAL_MIGRATIONS } from '../src/storage/sql/global-schema.ts'
import { REGION_MIGRATIONS } from '../src/storage/sql/region-schema.ts'

const ROOT = join(import.meta.dirname, '..')
const DIST = process.argv[2] ?? join(ROOT, 'dist')

rmSync(DIST, { recursive: true, force: true })
const { output } = await build({
  input: {
    main: join(ROOT, 'src/main.ts'),
    testing: join(ROOT, 'src/testing/index.ts'),
    // It is loaded by its URL, beside what loads it.
    'signature-worker': join(ROOT, 'src/crypto/signing/signature-worker.ts'),
  },
  platform: 'node',
  transform: { define: { BUNDLED_BLANKS: JSON.stringify(Object.fromEntries(await blanks())) } },
  // What is read late in one place, and early in another that is itself read late, is well where it is.
  checks: { ineffectiveDynamicImport: false },
  output: {
    dir: DIST,
    // An import of `node:http` by name would load all that Node has for `fetch`; `require` takes what is used.
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    // What both the program and the test kit have.
    codeSplitting: { groups: [{ name: 'server', minShareCount: 2 }] },
    // Before anything is loaded that an older Node has not.
    banner: ({ name }) => (name === 'testing' ? readFileSync(join(ROOT, 'build/require-node.cjs'), 'utf8') : ''),
    // Names stay, for whoever reads a stack.
    minify: { compress: false, mangle: false },
  },
})
// What is public stands alone in one file; beside it there is the function.
const types = readFileSync(join(ROOT, 'src/testing/public.ts'), 'utf8')
writeFileSync(join(DIST, 'testing.d.cts'), `${types}\nexport declare const startKeyspan: StartKeyspan\n`)
const bundled = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
writeFileSync(join(DIST, 'NOTICE'), noticeOf(new Set(bundled.flatMap(packageOf))))

/** New databases as their migrations make them. */
function blanks() {
  return Promise.all([REGION_MIGRATIONS, GLOBAL_MIGRATIONS].map(packBlank))
}

/** The directory of the package that a module is of; none for what is Keyspan's own. */
function packageOf(module: string): readonly string[] {
  const [, directory] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module.replaceAll('\\', '/')) ?? []
  return directory === undefined ? [] : [directory]
}

/** Names what the bundle has from others, each with its licence. */
function noticeOf(directories: ReadonlySet<string>): string {
  const parts = [...directories].toSorted().map((directory) => {
    const { name, version, license } = readManifest(directory)
    const file = readdirSync(directory).find((each) => /^licen[cs]e/i.test(each))
    if (file === undefined) throw new Error(`${name} has no licence text in ${dirname(directory)}.`)
    return `${name} ${version} (${license})\n\n${readFileSync(join(directory, file), 'utf8').trim()}\n`
  })
  return `Keyspan contains these packages.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`
}

function readManifest(directory: string): { name: string; version: string; license: string } {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as ReturnType<typeof readManifest>
}
