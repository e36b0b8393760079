/**
 * `npm run bench -- [--seconds N] [--rounds N] [--keys N] [--only NAME] [--write]`: what Keyspan carries, beside a bare
 * server of Node and beside moto where it is installed. `--write` makes docs/benchmarks.md of it, with its charts.
 *
 * The sides take turns within each row; of each the median round counts. It needs Linux, and `npm run build` first.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { growthSection } from './report/growth.ts'
import { modesSection } from './report/modes.ts'
import { drawChart } from './report/plot.ts'
import { requestsSection } from './report/requests.ts'
import { whole, type Plan, type Section } from './report/section.ts'
import { requireBundle } from './report/servers.ts'
import { startsSection } from './report/starts.ts'

const PAGE = new URL('../docs/benchmarks.md', import.meta.url)
const IMAGES = new URL('../docs/images/', import.meta.url)
const SECTIONS: ReadonlyMap<string, (plan: Plan) => Promise<Section>> = new Map([
  ['requests', requestsSection],
  ['modes', modesSection],
  ['growth', growthSection],
  ['starts', startsSection],
])

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    keys: { type: 'string', default: '100000' },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})
const plan: Plan = { seconds: Number(values.seconds), rounds: Number(values.rounds), keys: Number(values.keys) }
if (!(plan.seconds > 0) || !(plan.rounds >= 1) || !(plan.keys >= 1)) {
  throw new Error('Give numbers above 0 as --seconds, --rounds and --keys.')
}
if (values.only !== undefined && !SECTIONS.has(values.only)) {
  throw new Error(`There is no part "${values.only}". There are: ${[...SECTIONS.keys()].join(', ')}.`)
}
if (values.write && values.only !== undefined) throw new Error('The page is written whole: leave out --only.')

requireBundle()
const sections: Section[] = []
for (const [name, make] of SECTIONS) {
  if (values.only !== undefined && values.only !== name) continue
  const section = await make(plan)
  sections.push(section)
  console.log(`## ${section.title}\n\n${section.text}\n`)
}
if (values.write) await write(sections)

async function write(all: readonly Section[]): Promise<void> {
  await mkdir(IMAGES, { recursive: true })
  const parts: string[] = []
  for (const { title, text, charts } of all) {
    const images: string[] = []
    for (const [name, chart] of charts) {
      await writeFile(new URL(`${name}.svg`, IMAGES), drawChart(chart))
      images.push(`![${chart.title}](images/${name}.svg)`)
    }
    parts.push([`## ${title}`, text, ...images].join('\n\n'))
  }
  const [processor] = cpus()
  await writeFile(
    PAGE,
    `# Benchmarks

\`npm run build && npm run bench -- --seconds ${plan.seconds} --rounds ${plan.rounds} --keys ${plan.keys} --write\` has made this page, ${new Date().toISOString().slice(0, 10)}, with
Node ${process.version} on ${cpus().length} processors (${processor?.model ?? 'unknown'}), which the client and the server share.
Everything is on: signature verified, policy decided, key derived, record written before the answer and synced within
20 ms. The sides take turns; of ${whole(plan.rounds)} rounds the median counts. A ratio holds better than a number.

${parts.join('\n\n')}
`,
  )
}
