/**
 * `npm run compatibility [-- NAME...]`: runs the tests in test/clients, or those of these names, and writes
 * docs/compatibility.md from how they ended. What is not run keeps its row; what is skipped is named.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { mendPage, readPage, writePage, type Ended } from './page.ts'

/** What Vitest's JSON reporter writes, as far as it is read. */
interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[]
      readonly title: string
      readonly status: string
    }[]
  }[]
}

const PAGE = new URL('../../docs/compatibility.md', import.meta.url).pathname
const directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
const file = join(directory, 'report.json')
const names = process.argv.slice(2)
const files = names.length === 0 ? ['test/clients'] : names.map((name) => `test/clients/${name}`)
const args = ['vitest', 'run', ...files, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
const { status } = spawnSync('npx', args, { stdio: 'inherit', env: { ...process.env, KEYSPAN_COMPATIBILITY: 'whole' } })
const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as Report
rmSync(directory, { recursive: true })
const ended = testResults.flatMap(({ name, assertionResults }) =>
  assertionResults.map(({ ancestorTitles, title, status: how }): Ended => {
    const isKnown = how === 'passed' || how === 'failed'
    return { file: basename(name), titles: ancestorTitles, title, status: isKnown ? how : 'skipped' }
  }),
)
const kept = readPage(readFileSync(PAGE, 'utf8'))
writeFileSync(PAGE, names.length === 0 ? writePage(ended, kept) : mendPage(ended, kept))
const skipped = ended.filter((each) => each.status === 'skipped')
for (const { file: name, titles, title } of skipped) console.warn(`SKIPPED: ${name}: ${titles.join(' ')} ${title}`)
console.log(`${PAGE} is written: ${ended.length - skipped.length} tests were run, ${skipped.length} were skipped.`)
process.exitCode = status ?? 1
