import { CLIENTS, JAVASCRIPT } from './clients.ts'

/** What one test file has done with one client. */
export interface Row {
  readonly client: string
  readonly version: string
  /** The test's file in test/clients. */
  readonly file: string
  readonly done: string
  readonly result: string
}

/** A test as it ended. */
export interface Ended {
  readonly file: string
  /** The titles of what it stands in, from the outermost. */
  readonly titles: readonly string[]
  readonly title: string
  readonly status: 'passed' | 'failed' | 'skipped'
}

const HEAD = `# Compatibility

<!-- Written by npm run compatibility, from the tests that it runs; held by test/compatibility.test.ts. -->

What real clients have done with Keyspan, over HTTP. Each row is a test file, and says with which version of the client it was last run; \`npm run compatibility\` runs them all and writes this page. A client that is not on a machine is skipped there, and its row stays as it was.

| Client | What was done | Result |
|---|---|---|
`

/** The client that a test drives, and what it is called without the client's name. */
export function clientOf(outermost: string): { client: string; what: string } {
  const client = Object.keys(CLIENTS).find((name) => outermost.startsWith(`${name}: `))
  return client === undefined
    ? { client: JAVASCRIPT, what: outermost }
    : { client, what: outermost.slice(client.length + 2) }
}

/** Writes the page after all tests; what was skipped keeps the row that it had. */
export function writePage(ended: readonly Ended[], kept: readonly Row[]): string {
  return pageOf(rowsOf(ended, kept))
}

/** Writes the page after some tests; what was not run keeps its row. */
export function mendPage(ended: readonly Ended[], kept: readonly Row[]): string {
  const run = new Set(ended.map(({ file }) => file))
  return pageOf([...kept.filter(({ file }) => !run.has(file)), ...rowsOf(ended, kept)])
}

function rowsOf(ended: readonly Ended[], kept: readonly Row[]): readonly Row[] {
  const groups = Map.groupBy(ended, ({ file, titles }) => `${clientOf(titles[0] ?? '').client}|${file}`)
  return [...groups].flatMap(([key, tests]) => {
    const [client = '', file = ''] = key.split('|')
    const old = kept.find((row) => row.client === client && row.file === file)
    const run = tests.filter(({ status }) => status !== 'skipped')
    if (run.length === 0) return old ?? []
    return { client, version: CLIENTS[client]?.() ?? '', file, done: doneIn(client, tests), result: resultOf(run) }
  })
}

function pageOf(rows: readonly Row[]): string {
  const order = Object.keys(CLIENTS)
  const sorted = rows.toSorted(
    (a, b) => order.indexOf(a.client) - order.indexOf(b.client) || (a.file < b.file ? -1 : 1),
  )
  return HEAD + sorted.map(lineOf).join('')
}

/** The rows of a page. */
export function readPage(page: string): readonly Row[] {
  const names = Object.keys(CLIENTS).map((name) => RegExp.escape(name))
  const line = new RegExp(`^\\| (${names.join('|')}) (.+?) \\| \\[.+?\\]\\(.*?([^/]+)\\): (.*) \\| (.*) \\|$`, 'gm')
  return [...page.matchAll(line)].map(([, client = '', version = '', file = '', done = '', result = '']) => {
    return { client, version, file, done, result }
  })
}

function lineOf({ client, version, file, done, result }: Row): string {
  const name = file.replace('.test.ts', '')
  return `| ${client} ${version} | [${name}](../test/clients/${file}): ${done} | ${result} |\n`
}

/** Each test by its title; of AWS's client for JavaScript, whose tests are many, what they stand in. */
function doneIn(client: string, tests: readonly Ended[]): string {
  const groups = Map.groupBy(tests, ({ titles, title }) => clientOf(titles[0] ?? title).what)
  const text =
    client === JAVASCRIPT
      ? [...groups.keys()].join('; ')
      : [...groups].map(([what, members]) => `**${what}**: ${members.map(titleOf).join('; ')}`).join('. ')
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}

function titleOf({ titles, title }: Ended): string {
  return [...titles.slice(1), title].join(' ')
}

function resultOf(run: readonly Ended[]): string {
  const passed = run.filter(({ status }) => status === 'passed').length
  return `${passed} of ${run.length} passed`
}
