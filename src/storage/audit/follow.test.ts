import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LogPlace } from './files.ts'
import { followLog, type FollowedRecord } from './follow.ts'
import { openAuditLog } from './log.ts'

const START: LogPlace = { file: '', offset: 0 }
const DAY = 24 * 60 * 60 * 1000

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'keyspan-'))
})
afterEach(() => rmSync(root, { recursive: true }))

async function follow(directory: string, from: LogPlace, end: LogPlace | null) {
  const found: FollowedRecord[] = []
  for await (const record of followLog(directory, from, end)) found.push(record)
  return found
}

/** A log whose files end by their size and by the day, with the place behind each of its records. */
async function write(directory: string) {
  let now = Date.parse('2026-11-25T12:00:00Z')
  const log = await openAuditLog(directory, { mode: 'normal', fileBytes: 100 }, () => now)
  const places: LogPlace[] = []
  for (let number = 0; number < 40; number += 1) {
    await log.append(`{"é":${number}}`, true)
    places.push(log.place())
    now += DAY / 12
  }
  return { log, places, texts: places.map((_, number) => `{"é":${number}}`) }
}

describe('A log that is followed', () => {
  it('gives each record once, from any place to any other, over the borders of its files', async () => {
    const { log, places, texts } = await write(root)
    expect(new Set(places.map(({ file }) => file)).size).toBeGreaterThan(4)
    for (const [number, place] of places.entries()) {
      const later = places[Math.min(number + 9, places.length - 1)] ?? START
      const found = await follow(root, place, later)
      expect(found.map(({ text }) => text)).toEqual(texts.slice(number + 1, number + 10))
      expect(found.map((record) => record.place)).toEqual(places.slice(number + 1, number + 10))
    }
    expect((await follow(root, START, log.place())).map(({ text }) => text)).toEqual(texts)
    expect((await follow(root, START, null)).map(({ text }) => text)).toEqual(texts)
    for (const { text, begin, place } of await follow(root, START, null)) {
      expect(await follow(root, begin, place)).toEqual([{ text, begin, place }])
    }
    await log.close()
  })

  it('ends at what is synced, and finds nothing before its first record and behind its last', async () => {
    const { log, places } = await write(root)
    const end = log.place()
    const written = log.append('{"written":true}', false)
    log.flush()
    await written
    expect(await follow(root, START, end)).toHaveLength(places.length)
    expect(await follow(root, end, end)).toEqual([])
    expect(await follow(join(root, 'none'), START, START)).toEqual([])
    await log.close()
  })

  it('passes over files that were deleted, also the one that it was in', async () => {
    const { log, places, texts } = await write(root)
    await log.close()
    const [first = START] = places
    const second = places.find(({ file }) => file !== first.file)?.file ?? ''
    rmSync(join(root, first.file))
    const found = await follow(root, first, null)
    expect(found[0]?.place.file).toBe(second)
    expect(found.map(({ text }) => text)).toEqual(texts.filter((_, number) => places[number]?.file !== first.file))
  })
})
