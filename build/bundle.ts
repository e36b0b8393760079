/**
 * `npm run build`: makes `dist/` from `src/`, all that `bin/keyspan.js` and whoever imports the package need; or the
 * directory that is named.
 */
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'rolldown'
import { packBlank } from '../src/storage/sql/blank.ts'
import { GLOBAL_MIGRATIONS } from '../src/storage/sql/global-schema.ts'
import { REGION_MIGRATIONS } from '../src/storage/sql/region-schema.ts'
import { buildConsole } from './build-console.ts'
import { BETWEEN, noticeOf } from './notice.ts'

const ROOT = join(import.meta.dirname, '..')
const DIST = process.argv[2] ?? join(ROOT, 'dist')
const CONSOLE = join(ROOT, 'console', 'dist')
const NOTICE_OF_CONSOLE = join(CONSOLE, 'NOTICE')

/** What a server has loaded when it gives its first answer; what it imports comes with it. */
const ON_EACH_START = /src\/(?:cli\/serve\/serve|server\/start|services\/kms\/index)\.ts$|\/pino\/pino\.js$/

// `npm ci` has made it, but where it was told to run no scripts.
if (!existsSync(NOTICE_OF_CONSOLE)) await buildConsole(CONSOLE)

rmSync(DIST, { recursive: true, force: true })
const { output } = await build({
  input: {
    main: join(ROOT, 'src/main.ts'),
    testing: join(ROOT, 'src/testing/index.ts'),
    // They are loaded by their URLs, beside what loads them.
    'signature-worker': join(ROOT, 'src/crypto/signing/signature-worker.ts'),
    'event-index-worker': join(ROOT, 'src/storage/event-index/event-index-worker.ts'),
  },
  platform: 'node',
  // It is native, and there only where it could be compiled.
  external: ['pkcs11js'],
  transform: { define: { BUNDLED_BLANKS: JSON.stringify(Object.fromEntries(await blanks())) } },
  // What is read late in one place, and early in another that is itself read late, is well where it is.
  checks: { ineffectiveDynamicImport: false },
  output: {
    dir: DIST,
    // An import of `node:http` by name would load all that Node has for `fetch`; `require` takes what is used.
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    // What each start needs is one file; what is imported later stays apart, or it would be evaluated with it.
    codeSplitting: { groups: [{ name: 'server', test: ON_EACH_START }] },
    // Before anything is loaded that an older Node has not.
    banner: ({ name }) => (name === 'testing' ? readFileSync(join(ROOT, 'build/require-node.cjs'), 'utf8') : ''),
    // Names stay, for whoever reads a stack.
    minify: { compress: false, mangle: false },
  },
})
for (const file of output) if (file.type === 'chunk') writeFileSync(join(DIST, file.fileName), inAscii(file.code))
// What is public stands alone in one file; beside it there is the function.
const types = readFileSync(join(ROOT, 'src/testing/public.ts'), 'utf8')
writeFileSync(join(DIST, 'testing.d.cts'), `${types}\nexport declare const startKeyspan: StartKeyspan\n`)
const bundled = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
cpSync(CONSOLE, join(DIST, 'console'), { recursive: true, filter: (path) => path !== NOTICE_OF_CONSOLE })
const notices = [noticeOf(bundled), readFileSync(NOTICE_OF_CONSOLE, 'utf8')]
writeFileSync(join(DIST, 'NOTICE'), `Keyspan contains these packages.\n\n${notices.join(BETWEEN)}`)

/** The same program: V8 reads a file of ASCII faster, and keeps it in half the memory. */
function inAscii(code: string): string {
  // oxlint-disable-next-line no-control-regex -- it is what ASCII is
  return code.replaceAll(/(\\?)([^\x00-\x7f])/g, (_, before: string, unit: string) => {
    if (before !== '') throw new Error(`A backslash stands before "${unit}": the two cannot be written as an escape.`)
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** New databases as their migrations make them. */
function blanks() {
  return Promise.all([REGION_MIGRATIONS, GLOBAL_MIGRATIONS].map(packBlank))
}
