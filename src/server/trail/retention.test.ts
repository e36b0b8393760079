import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { dataDirectory } from '../data/data-directory.ts'
import { startRetention, type RetentionLimits } from './retention.ts'

const MIB = 1024 ** 2
const LOGS = ['global', 'eu-west-1'] as const
const DAYS = ['2026-10-01', '2026-11-01', '2026-11-24', '2026-11-29'] as const

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'keyspan-'))
  for (const log of LOGS) {
    mkdirSync(join(root, 'audit', log), { recursive: true })
    for (const day of DAYS) {
      // What is compressed already is not compressed again.
      const path = join(root, 'audit', log, `${day}.jsonl${day === '2026-11-29' ? '' : '.zst'}`)
      writeFileSync(path, '')
      truncateSync(path, MIB)
    }
  }
})
afterEach(() => rmSync(root, { recursive: true }))

/** Which files are deleted of each log. */
async function deletedBy(limits: RetentionLimits, before: string | null = null): Promise<readonly string[]> {
  const deleted: string[] = []
  const retention = startRetention({
    data: dataDirectory(root),
    limits,
    logs: () => LOGS.map((log) => [log, { place: () => ({ file: '2026-11-29.jsonl', offset: MIB }) }] as const),
    async deleteBefore(place, file) {
      const names = readdirSync(join(root, 'audit', place)).filter((name) => name < file)
      deleted.push(...names.map((name) => `${place} ${name.slice(0, 10)}`))
      for (const name of names) rmSync(join(root, 'audit', place, name))
      return names.length
    },
    now: () => Date.parse('2026-11-29T12:00:00Z'),
    mayAct: async () => true,
    retry: (error) => {
      throw error
    },
    log: pino({ level: 'silent' }),
  })
  const { bytes, oldest } = await retention.enforce(before)
  await retention.stop()
  expect(bytes).toBe((LOGS.length * DAYS.length - deleted.length) * MIB)
  expect(oldest).toBe(DAYS[deleted.length / 2] ?? null)
  return deleted.toSorted()
}

const of = (...days: readonly string[]) => LOGS.flatMap((log) => days.map((day) => `${log} ${day}`)).toSorted()
const FOREVER = { days: null, bytes: 'unlimited' } as const

it('nothing is deleted where nothing is limited, nor where all is within the limits', async () => {
  expect(await deletedBy(FOREVER)).toEqual([])
  expect(await deletedBy({ days: 59, bytes: 8 * MIB })).toEqual([])
  expect(await deletedBy({ days: 365, bytes: 'by disk' })).toEqual([])
})

it('what is older than so many days is deleted', async () => {
  expect(await deletedBy({ ...FOREVER, days: 58 })).toEqual(of('2026-10-01'))
})

it('what is older than a day that is named is deleted, whatever the limits are', async () => {
  expect(await deletedBy(FOREVER, '2026-11-24')).toEqual(of('2026-10-01', '2026-11-01'))
})

it('the oldest of all logs are deleted until the rest fits', async () => {
  expect(await deletedBy({ ...FOREVER, bytes: 4 * MIB })).toEqual(of('2026-10-01', '2026-11-01'))
})

it('the last seven days stay, however large they are', async () => {
  expect(await deletedBy({ ...FOREVER, bytes: 1 })).toEqual(of('2026-10-01', '2026-11-01'))
})

it('what is written to stays', async () => {
  expect(await deletedBy({ days: 1, bytes: 1 }, '2999-01-01')).toEqual(of('2026-10-01', '2026-11-01', '2026-11-24'))
})

it('a file that cannot be compressed holds up no other, nor what is due', async () => {
  mkdirSync(join(root, 'audit', 'global', '2026-11-20.jsonl'))
  writeFileSync(join(root, 'audit', 'eu-west-1', '2026-11-21.jsonl'), 'a record\n')
  const due: string[] = []
  const told: string[] = []
  const retention = startRetention({
    data: dataDirectory(root),
    limits: FOREVER,
    logs: () => LOGS.map((log) => [log, { place: () => ({ file: '2026-11-29.jsonl', offset: MIB }) }] as const),
    deleteBefore: async (place, file) => due.push(`${place} ${file}`),
    now: () => Date.parse('2026-11-29T12:00:00Z'),
    mayAct: async () => true,
    retry: (_, what) => told.push(what),
    log: pino({ level: 'silent' }),
  })
  const report = await retention.enforce('2026-11-01')
  await retention.stop()
  const path = join(root, 'audit', 'global', '2026-11-20.jsonl')
  expect(report.failed).toEqual([{ path, reason: 'it is a directory' }])
  expect(report.compressed.map((each) => each.path)).toEqual([join(root, 'audit', 'eu-west-1', '2026-11-21.jsonl')])
  expect(due).toContain('eu-west-1 2026-11-01.jsonl')
  expect(told).toEqual([`compress ${path}`])
})
