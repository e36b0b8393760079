import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { findRecords, openAuditLog } from './audit-log.ts'
import { openAuditReader } from './audit-reader.ts'

const NOON = Date.parse('2026-11-25T12:00:00Z')
const DAY = 24 * 60 * 60 * 1000

let root: string
let directory: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'keyspan-'))
  directory = join(root, 'us-east-1')
})
afterEach(() => rmSync(root, { recursive: true }))

const record = (eventID: string, eventTime = '2026-11-25T12:00:00Z') => JSON.stringify({ eventTime, eventID })
const linesOf = (day: string) =>
  readFileSync(join(directory, `${day}.jsonl`), 'utf8')
    .split('\n')
    .slice(0, -1)

describe.each(['normal', 'strict'] as const)('The audit log in %s mode', (mode) => {
  it('has written what it has promised, in its order, one line a record', async () => {
    const log = await openAuditLog(directory, mode, () => NOON)
    await Promise.all(['a', 'b', 'c'].map((id, index) => log.append(record(id), index === 1)))
    expect(linesOf('2026-11-25')).toEqual(['a', 'b', 'c'].map((id) => record(id)))
    await log.close()
  })

  it('begins a file each day, its owner’s alone', async () => {
    let now = NOON
    const log = await openAuditLog(directory, mode, () => now)
    await log.append(record('today'), false)
    now += DAY
    await log.append(record('tomorrow'), false)
    await log.close()
    expect(linesOf('2026-11-25')).toEqual([record('today')])
    expect(linesOf('2026-11-26')).toEqual([record('tomorrow')])
    expect(statSync(join(directory, '2026-11-25.jsonl')).mode & 0o077).toBe(0)
  })

  it('cuts off a line that a power cut has torn, and goes on behind the last whole one', async () => {
    const first = await openAuditLog(directory, mode, () => NOON)
    await first.append(record('whole'), false)
    await first.close()
    appendFileSync(join(directory, '2026-11-25.jsonl'), '{"eventID":"to')
    const second = await openAuditLog(directory, mode, () => NOON)
    await second.append(record('next'), true)
    await second.close()
    expect(linesOf('2026-11-25')).toEqual([record('whole'), record('next')])
  })
})

describe('An audit log that is closed', () => {
  it('closes while a sync is under way and another is due', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const log = await openAuditLog(directory, 'normal', () => NOON)
      const synced = log.append(record('synced'), true)
      log.flush()
      const written = log.append(record('written'), false)
      log.flush()
      const closed = log.close()
      vi.runAllTimers()
      await Promise.all([synced, written, closed])
      expect(linesOf('2026-11-25')).toEqual([record('synced'), record('written')])
    } finally {
      vi.useRealTimers()
    }
  })

  it('has synced what it has promised, and takes nothing more', async () => {
    const log = await openAuditLog(directory, 'normal', () => NOON)
    const promised = Array.from({ length: 5 }, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, index))
      return log.append(record(String(index)), true)
    })
    await promised[0]
    await Promise.all([...promised, Promise.all(promised).then(() => log.close())])
    await log.close()
    expect(linesOf('2026-11-25')).toHaveLength(5)
    await expect(log.append(record('late'), false)).rejects.toThrow('The audit log is closed')
  })
})

describe('Looking for records', () => {
  it('finds those that are in the last two files', async () => {
    let now = NOON
    const log = await openAuditLog(directory, 'normal', () => now)
    for (const id of ['old', 'older', 'new']) {
      await log.append(record(id), false)
      now += DAY
    }
    await log.close()
    expect(await findRecords(directory, ['old', 'older', 'new', 'never'])).toEqual(new Set(['older', 'new']))
  })
})

describe('The reader', () => {
  it('gives the last records of all Regions by time, and then what is new', async () => {
    const [one, other] = await Promise.all(
      ['us-east-1', 'eu-west-1'].map((region) => openAuditLog(join(root, region), 'normal', () => NOON)),
    )
    await one?.append(record('1', '2026-11-25T12:00:01Z'), false)
    await other?.append(record('2', '2026-11-25T12:00:02Z'), false)
    await one?.append(record('3', '2026-11-25T12:00:03Z'), false)
    const idsOf = (lines: readonly string[]) => lines.map((line) => (JSON.parse(line) as { eventID: string }).eventID)
    const reader = await openAuditReader(root, null)
    expect(idsOf(await reader.last(2))).toEqual(['2', '3'])
    expect(await reader.next()).toEqual([])
    await other?.append(record('4', '2026-11-25T12:00:04Z'), false)
    expect(idsOf(await reader.next())).toEqual(['4'])
    const here = await openAuditReader(root, 'us-east-1')
    expect(idsOf(await here.last(10))).toEqual(['1', '3'])
    await Promise.all([one?.close(), other?.close()])
  })
})
