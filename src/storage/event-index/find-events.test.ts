import { randomUUID } from 'node:crypto'
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findEvents, type EventPosition, type EventQuery } from './find-events.ts'
import { openLogIndex, type LogIndex } from './log-index.ts'

const FIRST_DAY = Date.parse('2026-11-24T00:00:00Z') / 1000
const DAY = 86_400
const FILES = ['2026-11-24.jsonl', '2026-11-25.jsonl', '2026-11-25T120000Z.jsonl']
const ACCOUNTS = ['111122223333', '444455556666']
const NAMES = ['Encrypt', 'Decrypt', 'CreateKey']

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'keyspan-'))
})
afterEach(() => rmSync(root, { recursive: true }))

interface Told {
  readonly log: 'global' | 'eu-west-1'
  readonly file: number
  readonly time: number
  readonly account: string
  readonly name: string
}

const told: fc.Arbitrary<Told> = fc.record({
  log: fc.constantFrom('global', 'eu-west-1'),
  file: fc.nat(FILES.length - 1),
  // Few seconds, so that many events share one; and clocks go back.
  time: fc.nat(3).map((step) => FIRST_DAY + step * (DAY / 2)),
  account: fc.constantFrom(...ACCOUNTS),
  name: fc.constantFrom(...NAMES),
})

function lineOf({ log, time, account, name }: Told): string {
  return JSON.stringify({
    userIdentity: { type: 'Root', accessKeyId: 'AKIAEXAMPLE' },
    eventTime: new Date(time * 1000).toISOString().replace('.000', ''),
    eventSource: log === 'global' ? 'sts.amazonaws.com' : 'kms.amazonaws.com',
    eventName: name,
    awsRegion: 'eu-west-1',
    requestParameters: null,
    eventID: randomUUID(),
    readOnly: name !== 'CreateKey',
    recipientAccountId: account,
  })
}

/** Writes logs in order, and opens their index with segments of a few records. */
async function write(events: readonly Told[]) {
  const lines = events
    .toSorted((one, other) => one.file - other.file)
    .map((event) => ({ ...event, text: lineOf(event) }))
  for (const name of ['global', 'eu-west-1']) {
    mkdirSync(join(root, name), { recursive: true })
    for (const file of FILES) writeFileSync(join(root, name, file), '')
  }
  for (const { log, file, text } of lines) appendFileSync(join(root, log, FILES[file] ?? ''), `${text}\n`)
  return { lines, logs: await index() }
}

async function index(): Promise<ReadonlyMap<string, LogIndex>> {
  const logs = new Map<string, LogIndex>()
  for (const name of ['global', 'eu-west-1']) {
    const log = await openLogIndex({ name, directory: join(root, name), index: join(root, 'index', name) }, 500)
    const file = FILES.at(-1) ?? ''
    await log.follow({ file, offset: statSync(join(root, name, file)).size }, '2026-11-24')
    while (await log.advance('2026-11-24'));
    logs.set(name, log)
  }
  return logs
}

function pagesOf(query: Omit<EventQuery, 'after'>, logs: ReadonlyMap<string, LogIndex>): string[] {
  const records: string[] = []
  for (let after: EventPosition | null = null; ;) {
    const page = findEvents({ ...query, after }, (log) => logs.get(log)?.files ?? [])
    expect(page.records.length).toBeLessThanOrEqual(query.limit)
    records.push(...page.records)
    expect(records.length).toBeLessThan(1000)
    after = page.last
    if (after === null) return records
  }
}

const idOf = (record: string) => (JSON.parse(record) as { eventID: string }).eventID
const timeOf = (record: string) => (JSON.parse(record) as { eventTime: string }).eventTime

describe('Events', () => {
  it('are found as if all were read: each once, by time, whatever the pages, files and clocks', async () => {
    const asked = fc.record({
      account: fc.constantFrom(...ACCOUNTS),
      name: fc.constantFrom(null, ...NAMES),
      from: fc.nat(3),
      seconds: fc.nat(3 * DAY),
      limit: fc.integer({ min: 1, max: 7 }),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(told, { minLength: 20, maxLength: 60 }),
        asked,
        async (events, { account, name, from, seconds, limit }) => {
          rmSync(root, { recursive: true })
          const { lines, logs } = await write(events)
          const oldest = FIRST_DAY + from * (DAY / 2)
          const newest = oldest + seconds
          const filter = {
            account,
            region: 'eu-west-1',
            attribute: name === null ? null : (['EventName', name] as const),
          }
          const sources = ['eu-west-1', 'global'].map((log) => ({ log, filter }))
          const query = { sources, oldest, newest, limit }
          const found = pagesOf(query, logs)
          const expected = lines.filter(
            (line) =>
              line.account === account &&
              (name === null || line.name === name) &&
              line.time >= oldest &&
              line.time <= newest,
          )
          expect(found.map(idOf).toSorted()).toEqual(expected.map(({ text }) => idOf(text)).toSorted())
          expect(found.map(timeOf)).toEqual(found.map(timeOf).toSorted().toReversed())
          // What was written is read again, and not made again.
          expect(pagesOf(query, await index())).toEqual(found)
        },
      ),
      { numRuns: 40 },
    )
  }, 60_000)

  it('are not found twice where a log has lost its end and goes on otherwise', async () => {
    const event: Told = { log: 'eu-west-1', file: 0, time: FIRST_DAY, account: ACCOUNTS[0] ?? '', name: 'Encrypt' }
    const { lines } = await write(Array.from({ length: 20 }, () => event))
    const path = join(root, 'eu-west-1', FILES[0] ?? '')
    expect(readdirSync(join(root, 'index', 'eu-west-1'))).toHaveLength(4)
    const others = Array.from({ length: 20 }, () => lineOf(event))
    writeFileSync(path, [...lines.slice(0, 10).map(({ text }) => text), ...others].map((text) => `${text}\n`).join(''))
    const filter = { account: event.account, region: 'eu-west-1', attribute: null }
    const query = { sources: [{ log: 'eu-west-1', filter }], oldest: 0, newest: FIRST_DAY, limit: 7 }
    const expected = [...lines.slice(0, 10).map(({ text }) => text), ...others].toReversed()
    const logs = await index()
    expect(pagesOf(query, logs)).toEqual(expected)
    for (const record of expected) {
      const byId = { ...filter, attribute: ['EventId', idOf(record)] as const }
      expect(pagesOf({ ...query, sources: [{ log: 'eu-west-1', filter: byId }] }, logs)).toEqual([record])
    }
  })

  it('leave out what is no record, and lines that are not whole', async () => {
    const event: Told = { log: 'eu-west-1', file: 0, time: FIRST_DAY, account: ACCOUNTS[0] ?? '', name: 'Encrypt' }
    await write([event])
    appendFileSync(join(root, 'eu-west-1', FILES[0] ?? ''), `no record\n${lineOf(event)}\n{"eventID":"to`)
    const filter = { account: event.account, region: 'eu-west-1', attribute: null }
    const query = { sources: [{ log: 'eu-west-1', filter }], oldest: 0, newest: FIRST_DAY, limit: 7 }
    expect(pagesOf(query, await index())).toHaveLength(2)
  })
})
