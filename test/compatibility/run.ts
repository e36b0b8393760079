/**
 * `npm run compatibility`: runs the tests in test/clients, and writes docs/compatibility.md from how they ended. What
 * is skipped is named, and keeps its row.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { readPage, writePage, type Ended } from './page.ts'

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
const args = ['vitest', 'run', 'test/clients', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
const { status } = spawnSync('npx', args, { stdio: 'inherit' })
const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as Report
rmSync(directory, { recursive: true })
const ended = testResults.flatMap(({ name, assertionResults }) =>
  assertionResults.map(({ ancestorTitles, title, status: how }): Ended => {
    const isKnown = how === 'passed' || how === 'failed'
    return { file: basename(name), titles: ancestorTitles, title, status: isKnown ? how : 'skipped' }
  }),
)
writeFileSync(PAGE, writePage(ended, readPage(readFileSync(PAGE, 'utf8'))))
const skipped = ended.filter((each) => each.status === 'skipped')
for (const { file: name, titles, title } of skipped) console.warn(`SKIPPED: ${name}: ${titles.join(' ')} ${title}`)
console.log(`${PAGE} is written: ${ended.length - skipped.length} tests were run, ${skipped.length} were skipped.`)
process.exitCode = status ?? 1
