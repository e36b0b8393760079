/**
 * `npm run bench`: what Keyspan carries, beside a bare server of Node, beside moto where it is installed, and beside any
 * other server that speaks KMS; `--help` says how it is asked. Where a page that is written was cut off, it goes on: parts
 * that were measured before, also with `--only`, of the same bundle, in the same way and by the same plan, are not measured
 * again.
 *
 * The sides take turns within each row; of each the median round counts. It needs Linux, wrk, and `npm run build` first.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { requireLoad } from './http-load.ts'
import { decisionsSection } from './report/decisions.ts'
import { dimensionsSection } from './report/dimensions.ts'
import { growthSection } from './report/growth.ts'
import { keptSections } from './report/kept.ts'
import { modesSection } from './report/modes.ts'
import { drawChart } from './report/plot.ts'
import { processesSection } from './report/processes.ts'
import { profileSection } from './report/profile.ts'
import { requestsSection } from './report/requests.ts'
import { reachTable, whole, type Plan, type Section } from './report/section.ts'
import { requireBundle } from './report/servers.ts'
import { startsSection } from './report/starts.ts'

const PAGE = new URL('../docs/benchmarks.md', import.meta.url)
const IMAGES = new URL('../docs/images/', import.meta.url)
const SECTIONS = new Map<string, (plan: Plan) => Promise<Section | null>>([
  ['requests', requestsSection],
  ['profile', profileSection],
  ['modes', modesSection],
  ['decisions', decisionsSection],
  ['processes', processesSection],
  ['growth', growthSection],
  ['dimensions', dimensionsSection],
  ['starts', startsSection],
])

const USAGE = `npm run bench -- [options]

  --seconds N       how long a round is: 5 where it is left out
  --rounds N        how many rounds each side has, of which the median counts: 3
  --keys N          how many keys the largest data has, from 1,000 to 10,000,000: 100,000
  --only NAME       one part alone: ${[...SECTIONS.keys()].join(', ')}
  --beside NAME=URL another server that speaks KMS and runs already, as local-kms=http://127.0.0.1:8080
  --write           makes docs/benchmarks.md of it, and its charts
`

const { values } = asked(() =>
  parseArgs({
    options: {
      seconds: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '3' },
      keys: { type: 'string', default: '100000' },
      only: { type: 'string' },
      beside: { type: 'string', multiple: true, default: [] },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }),
)
if (values.help) {
  process.stdout.write(USAGE)
  process.exit()
}
const plan: Plan = asked(() => ({
  seconds: numberIn('seconds', 1, 600),
  rounds: numberIn('rounds', 1, 100),
  keys: numberIn('keys', 1000, 10_000_000),
  beside: values.beside.map(neighbour),
}))
asked(() => {
  if (values.only !== undefined && !SECTIONS.has(values.only)) {
    throw new Error(`There is no part "${values.only}". There are: ${[...SECTIONS.keys()].join(', ')}.`)
  }
  if (values.write && values.only !== undefined) throw new Error('The page is written whole: leave out --only.')
  requireBundle()
  requireLoad()
})
// Servers and data that were begun go with the process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))

const kept = keptSections(plan)
const sections: Section[] = []
for (const [name, make] of SECTIONS) {
  if (values.only !== undefined && values.only !== name) continue
  const section = (values.write ? kept.get(name) : undefined) ?? (await make(plan))
  if (section === null) continue
  kept.put(name, section)
  sections.push(section)
  console.log(`## ${section.title}\n\n${section.text}\n`)
}
const reach = reachTable(sections.flatMap((section) => section.reach))
console.log(reach)
if (values.write) {
  await write(sections)
  kept.clear()
}

/** Ends the process with what is wrong with what was asked. */
function asked<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return process.exit(2)
  }
}

function numberIn(name: 'seconds' | 'rounds' | 'keys', least: number, most: number): number {
  const value = Number(values[name])
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new Error(`--${name} "${values[name]}": give a whole number from ${whole(least)} to ${whole(most)}.`)
}

function neighbour(text: string): { readonly name: string; readonly url: string } {
  const [, name, url] = /^([\w-]+)=(https?:\/\/\S+)$/.exec(text) ?? []
  if (name === undefined || url === undefined) {
    throw new Error(
      `--beside "${text}": give the name and the address of a server that runs, as local-kms=http://127.0.0.1:8080.`,
    )
  }
  return { name, url }
}

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
Node ${process.version} on ${cpus().length} processors (${processor?.model ?? 'unknown'}), one for the server and one for the load, which is wrk's.
Everything is on: signature verified, policy decided, key derived, record written before the answer and synced within
20 ms. The sides take turns; of ${whole(plan.rounds)} rounds the median counts. A ratio holds better than a number.

## What was aimed at

${reach}

What is behind its aim is told in [decision 0054](decisions/0054-what-is-behind-its-aim.md).

${parts.join('\n\n')}
`,
  )
}
