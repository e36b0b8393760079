import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CLIENTS, JAVASCRIPT } from './compatibility/clients.ts'
import { mendPage, readPage, writePage, type Ended } from './compatibility/page.ts'

const TESTS = new URL('clients/', import.meta.url).pathname
const page = readFileSync(new URL('../docs/compatibility.md', import.meta.url), 'utf8')

/** The clients that a test file drives, by what its outermost blocks begin with. */
function clientsIn(file: string): readonly string[] {
  const text = readFileSync(join(TESTS, file), 'utf8')
  const heads = [...text.matchAll(/^(?:describe|it)\b.*?=> \{/gms)].map(([head]) => head)
  const named = (head: string) => Object.keys(CLIENTS).find((name) => head.includes(`'${name}: `))
  return [...new Set(heads.map((head) => named(head) ?? JAVASCRIPT))]
}

describe('docs/compatibility.md', () => {
  it('has a row for each client of each test file in test/clients, and no other', () => {
    const files = readdirSync(TESTS).filter((file) => file.endsWith('.test.ts'))
    const run = files.flatMap((file) => clientsIn(file).map((client) => `${client} ${file}`))
    expect(
      readPage(page)
        .map(({ client, file }) => `${client} ${file}`)
        .toSorted(),
    ).toEqual(run.toSorted())
  })

  it('names in each row only tests that its file has', () => {
    for (const { client, file, done } of readPage(page).filter((row) => row.client !== JAVASCRIPT)) {
      const text = readFileSync(join(TESTS, file), 'utf8')
      // What stands where `it.each` puts its values can be anything.
      const titles = [...text.matchAll(/\bit\b.*?\(\s*'([^']*)'/gs)].map(([, title = '']) =>
        title
          .split(/%\w/)
          .map((part) => RegExp.escape(part))
          .join('.*'),
      )
      for (const group of done.split(/\. (?=\*\*)/)) {
        const [, what = '', named = ''] = /^\*\*(.*?)\*\*: (.*)$/.exec(group) ?? []
        expect(text).toContain(`'${client}: ${what}'`)
        for (const title of named.split('; ')) expect(title).toMatch(new RegExp(`^(${titles.join('|')})$`))
      }
    }
  })

  it('says of each that all has passed', () => {
    for (const { result } of readPage(page)) expect(result).toMatch(/^(\d+) of \1 passed$/)
  })
})

describe('The page', () => {
  const ended = (status: Ended['status']): Ended => ({
    file: 'x.test.ts',
    titles: ['boto3: users'],
    title: 'come and go',
    status,
  })
  const version = CLIENTS[JAVASCRIPT]?.() ?? ''

  it('says what was run, with which version, and how it ended', () => {
    const written = writePage([{ ...ended('passed'), titles: ['CreateKey'] }], [])
    expect(written).toContain(
      `| ${JAVASCRIPT} ${version} | [x](../test/clients/x.test.ts): CreateKey | 1 of 1 passed |`,
    )
    const failed = writePage([{ ...ended('failed'), titles: ['CreateKey'] }], [])
    expect(readPage(failed)).toEqual([
      { client: JAVASCRIPT, version, file: 'x.test.ts', done: 'CreateKey', result: '0 of 1 passed' },
    ])
  })

  it('keeps what was skipped, as it was', () => {
    const old = {
      client: 'boto3',
      version: '1.0.0',
      file: 'x.test.ts',
      done: '**users**: come and go',
      result: '1 of 1 passed',
    }
    expect(readPage(writePage([ended('skipped')], [old]))).toEqual([old])
    expect(readPage(writePage([ended('skipped')], []))).toEqual([])
    const other = { ...ended('passed'), file: 'y.test.ts', titles: ['CreateKey'] }
    expect(readPage(mendPage([other], [old]))).toContainEqual(old)
    expect(readPage(writePage([other], [old]))).not.toContainEqual(old)
  })
})
