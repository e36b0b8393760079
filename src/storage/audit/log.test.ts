import { randomUUID } from 'node:crypto'
import fs, {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openAuditLog, SYNC_WITHIN_MS } from './log.ts'
import { openAuditReader } from './reader.ts'

const NOON = Date.parse('2026-11-25T12:00:00Z')
const DAY = 24 * 60 * 60 * 1000

let root: string
let directory: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'keyspan-'))
  directory = join(root, 'us-east-1')
})
afterEach(() => {
  vi.restoreAllMocks()
  syncBuiltinESMExports()
  rmSync(root, { recursive: true })
})

const record = (eventID: string, eventTime = '2026-11-25T12:00:00Z') => JSON.stringify({ eventTime, eventID })
const linesOf = (day: string) =>
  readFileSync(join(directory, `${day}.jsonl`), 'utf8')
    .split('\n')
    .slice(0, -1)

async function gather(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const gathered: string[] = []
  for await (const line of lines) gathered.push(line)
  return gathered
}

/** Every line of a log, the oldest first. */
async function records(folder: string): Promise<readonly string[]> {
  const reader = await openAuditReader(join(folder, '..'), null)
  return gather(reader.last(1000))
}

/** Makes the next write fail in its middle, or the next sync, as on a full disk. */
function failOnce(name: 'writeSync' | 'fdatasync') {
  const write = fs.writeSync
  const error = new Error('no space left on device')
  const spy =
    name === 'writeSync'
      ? vi.spyOn(fs, name).mockImplementationOnce((file, bytes) => {
          write(file, (bytes as unknown as Uint8Array).subarray(0, 10))
          throw error
        })
      : vi.spyOn(fs, name).mockImplementationOnce((_file, done) => done(error))
  syncBuiltinESMExports()
  return spy
}

describe.each(['normal', 'strict'] as const)('The audit log in %s mode', (mode) => {
  it('has written what it has promised, in its order, one line a record', async () => {
    const log = await openAuditLog(directory, { mode }, () => NOON)
    await Promise.all(['a', 'b', 'c'].map((id, index) => log.append(record(id), index === 1)))
    expect(linesOf('2026-11-25')).toEqual(['a', 'b', 'c'].map((id) => record(id)))
    await log.close()
  })

  it('begins a file each day, its owner’s alone', async () => {
    let now = NOON
    const log = await openAuditLog(directory, { mode }, () => now)
    await log.append(record('today'), false)
    now += DAY
    await log.append(record('tomorrow'), false)
    await log.close()
    expect(linesOf('2026-11-25')).toEqual([record('today')])
    expect(linesOf('2026-11-26')).toEqual([record('tomorrow')])
    expect(statSync(join(directory, '2026-11-25.jsonl')).mode & 0o077).toBe(0)
  })

  it('cuts off a line that a power cut has torn, and goes on behind the last whole one', async () => {
    const first = await openAuditLog(directory, { mode }, () => NOON)
    await first.append(record('whole'), false)
    await first.close()
    appendFileSync(join(directory, '2026-11-25.jsonl'), '{"eventID":"to')
    const second = await openAuditLog(directory, { mode }, () => NOON)
    await second.append(record('next'), true)
    await second.close()
    expect(linesOf('2026-11-25')).toEqual([record('whole'), record('next')])
  })
})

describe('An audit log that is closed', () => {
  it('closes while a sync is under way and another is due', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const log = await openAuditLog(directory, { mode: 'normal' }, () => NOON)
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
    const log = await openAuditLog(directory, { mode: 'normal' }, () => NOON)
    const promised = Array.from({ length: 5 }, async (_, index) => {
      await setTimeout(index)
      return log.append(record(String(index)), true)
    })
    await promised[0]
    await Promise.all([...promised, Promise.all(promised).then(() => log.close())])
    await log.close()
    expect(linesOf('2026-11-25')).toHaveLength(5)
    await expect(log.append(record('late'), false)).rejects.toThrow('The audit log is closed')
  })
})

describe('A sync', () => {
  /** Makes each sync take 5 ms. */
  function slowly() {
    const sync = fs.fdatasync
    const spy = vi.spyOn(fs, 'fdatasync').mockImplementation((file, done) => {
      void setTimeout(5).then(() => sync(file, done))
    })
    syncBuiltinESMExports()
    return spy
  }

  it('is shared by those who ask again as soon as they are answered, and come one after the other', async () => {
    const syncs = slowly()
    const log = await openAuditLog(directory, { mode: 'strict' }, () => NOON)
    const asking = Array.from({ length: 4 }, async (_, client) => {
      await setTimeout(client)
      for (let turn = 0; turn < 10; turn += 1) await log.append(record(`${client} ${turn}`), false)
    })
    await Promise.all(asking)
    // In turn they would have ten each, and two of them the same ones at best.
    expect(syncs.mock.calls.length).toBeLessThan(16)
    expect(linesOf('2026-11-25')).toHaveLength(40)
    await log.close()
  })

  it('waits for none who does not come, nor when the log is closed', async () => {
    const syncs = slowly()
    const log = await openAuditLog(directory, { mode: 'strict' }, () => NOON)
    const first = log.append(record('first'), false)
    log.flush()
    const second = log.append(record('second'), false)
    await Promise.all([first, second])
    const third = log.append(record('third'), false)
    log.flush()
    const fourth = log.append(record('fourth'), false)
    await third
    await Promise.all([log.close(), fourth])
    expect(syncs.mock.calls.length).toBeLessThanOrEqual(4)
    expect(linesOf('2026-11-25')).toHaveLength(4)
  })
})

describe('A disk that fails', () => {
  it('leaves nothing of what it refuses, answers each that waits once, and goes on when it is well', async () => {
    const log = await openAuditLog(directory, { mode: 'normal' }, () => NOON)
    await log.append(record('before'), true)
    const failing = failOnce('writeSync')
    const refused = await Promise.allSettled([log.append(record('refused'), true), log.append(record('too'), false)])
    expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(failing).toHaveBeenCalledOnce()
    await log.append(record('after'), true)
    await log.close()
    expect(linesOf('2026-11-25')).toEqual(['before', 'after'].map((id) => record(id)))
  })

  it('takes away what a sync has lost, and writes again what was answered for', async () => {
    const log = await openAuditLog(directory, { mode: 'normal' }, () => NOON)
    await log.append(record('before'), true)
    await log.append(record('answered'), false)
    failOnce('fdatasync')
    await expect(log.append(record('refused'), true)).rejects.toThrow('no space')
    expect(log.place().offset).toBe(record('before').length + 1)
    await log.append(record('after'), true)
    await log.close()
    expect(linesOf('2026-11-25')).toEqual(['before', 'answered', 'after'].map((id) => record(id)))
  })

  it('refuses the group of a record that no buffer can hold, and no other', async () => {
    const log = await openAuditLog(directory, { mode: 'normal' }, () => NOON)
    const tooLong = { length: 1, toString: () => ''.padEnd(2 ** 30) } as unknown as string
    const [long, short] = await Promise.allSettled([log.append(tooLong, true), log.append(record('short'), true)])
    expect([long.status, short.status]).toEqual(['rejected', 'rejected'])
    await log.append(record('next'), true)
    await log.close()
    expect(linesOf('2026-11-25')).toEqual([record('next')])
  })
})

describe('A file of the audit log', () => {
  it('is never closed while it is synced, however often the day changes', async () => {
    let now = NOON
    const log = await openAuditLog(directory, { mode: 'normal' }, () => now)
    const waiting: Promise<void>[] = []
    for (let day = 0; day < 20; day += 1) {
      waiting.push(log.append(record(`${day}-synced`), true), log.append(record(`${day}-written`), false))
      log.flush()
      now += DAY
      // One that begins while the sync before it is under way, and one after it.
      if (day % 2 === 0) await waiting.at(-2)
    }
    await Promise.all(waiting)
    await log.close()
    expect(await records(directory)).toHaveLength(40)
  })

  it('is left under load as well', async () => {
    const sync = fs.fdatasync
    const log = await openAuditLog(directory, { mode: 'normal', fileBytes: 200 }, () => NOON)
    const waiting: Promise<void>[] = []
    // While each sync is under way the next one is asked for.
    vi.spyOn(fs, 'fdatasync').mockImplementation((file, done) =>
      queueMicrotask(() => {
        if (waiting.length < 50) waiting.push(log.append(record(String(waiting.length)), true))
        log.flush()
        sync(file, done)
      }),
    )
    syncBuiltinESMExports()
    while (waiting.length < 50) await log.append(record('next'), true)
    await Promise.all(waiting)
    await log.close()
    for (const name of readdirSync(directory)) expect(statSync(join(directory, name)).size).toBeLessThan(400)
  })

  it('is synced soon although nobody waits for it, also where another sync is under way', async () => {
    const sync = fs.fdatasync
    const held = Promise.withResolvers<void>()
    vi.spyOn(fs, 'fdatasync').mockImplementationOnce((file, done) => void held.promise.then(() => sync(file, done)))
    syncBuiltinESMExports()
    const log = await openAuditLog(directory, { mode: 'normal' }, () => NOON)
    const first = log.append(record('first'), true)
    log.flush()
    await log.append(record('second'), false)
    await setTimeout(3 * SYNC_WITHIN_MS)
    held.resolve()
    await first
    await expect.poll(() => log.place().offset).toBe(`${record('first')}\n${record('second')}\n`.length)
    await log.close()
  })

  it('is followed by the next one when it is full; names sort by time', async () => {
    const names = [
      '2026-11-25.jsonl',
      '2026-11-25T120000Z.jsonl',
      '2026-11-25T120001Z.jsonl',
      '2026-11-25T120002Z.jsonl',
    ]
    const log = await openAuditLog(directory, { mode: 'normal', fileBytes: 100 }, () => NOON)
    for (let count = 0; count < 8; count += 1) await log.append(record(String(count)), true)
    await log.close()
    expect(readdirSync(directory).toSorted()).toEqual(names)
    expect(await records(directory)).toEqual(Array.from({ length: 8 }, (_, count) => record(String(count))))
  })

  it('goes on where a clock has gone back', async () => {
    const first = await openAuditLog(directory, { mode: 'normal' }, () => NOON + DAY)
    await first.append(record('late'), true)
    await first.close()
    const second = await openAuditLog(directory, { mode: 'normal' }, () => NOON)
    await second.append(record('early'), true)
    await second.close()
    expect(await records(directory)).toEqual([record('late'), record('early')])
  })
})

describe('Looking for records', () => {
  const ids = Array.from({ length: 6 }, () => randomUUID())
  const [first = '', second = '', third = ''] = ids

  it('finds them in every file from a place on, and none before it', async () => {
    let now = NOON
    const log = await openAuditLog(directory, { mode: 'normal' }, () => now)
    const places = []
    for (const id of ids) {
      places.push(log.place())
      await log.append(record(id), true)
      now += DAY / 2
    }
    const sought = new Set([...ids, randomUUID()])
    for (const [index, place] of places.entries()) {
      expect(await log.find(sought, place)).toEqual(new Set(ids.slice(index)))
    }
    await log.close()
  })

  it('finds them across the borders of what is read at once, and not in what a client has sent', async () => {
    const log = await openAuditLog(directory, { mode: 'normal' }, () => NOON)
    const padded = (bytes: number, id: string) => `{"padding":"${'x'.repeat(bytes)}","eventID":"${id}"}`
    for (let shift = 0; shift < 60; shift += 1) await log.append(padded(1024 * 1024 - 90 + shift, first), false)
    await log.append(JSON.stringify({ sent: `"eventID":"${second}"`, eventID: third }), true)
    const marks = await log.find(new Set([first, second, third]), log.place())
    expect(marks).toEqual(new Set())
    expect(await log.find(new Set([first, second, third]), { file: '', offset: 0 })).toEqual(new Set([first, third]))
    await log.close()
  })
})

describe('The reader', () => {
  const idsOf = async (lines: AsyncIterable<string>) =>
    (await gather(lines)).map((line) => (JSON.parse(line) as { eventID: string }).eventID)

  it('gives the last records of all Regions by time, and then what is new', async () => {
    const [one, other] = await Promise.all(
      ['us-east-1', 'eu-west-1'].map((region) => openAuditLog(join(root, region), { mode: 'normal' }, () => NOON)),
    )
    await one?.append(record('1', '2026-11-25T12:00:01Z'), false)
    await other?.append(record('2', '2026-11-25T12:00:02Z'), false)
    await one?.append(record('3', '2026-11-25T12:00:03Z'), false)
    const reader = await openAuditReader(root, null)
    expect(await idsOf(reader.last(2))).toEqual(['2', '3'])
    expect(await idsOf(reader.next())).toEqual([])
    await other?.append(record('4', '2026-11-25T12:00:04Z'), false)
    expect(await idsOf(reader.next())).toEqual(['4'])
    const here = await openAuditReader(root, 'us-east-1')
    expect(await idsOf(here.last(10))).toEqual(['1', '3'])
    await Promise.all([one?.close(), other?.close()])
  })

  it('finds the last ones over the borders of files and days, whatever their number', async () => {
    let now = NOON
    const log = await openAuditLog(directory, { mode: 'normal', fileBytes: 200_000 }, () => now)
    const all = Array.from({ length: 40 }, (_, index) => `${index}-${'x'.repeat(index % 3 === 0 ? 70_000 : 10)}`)
    for (const id of all) {
      await log.append(record(id), true)
      now += DAY / 10
    }
    await log.close()
    appendFileSync(join(directory, '2026-11-26.jsonl'), '{"eventID":"to')
    for (let count = 0; count <= 41; count += 1) {
      const reader = await openAuditReader(root, null)
      expect(await idsOf(reader.last(count))).toEqual(count === 0 ? [] : all.slice(-count))
      expect(await idsOf(reader.next())).toEqual([])
    }
  })

  it('reads the end of a file that is too long for one string, and finds what is in it', async () => {
    const id = randomUUID()
    const log = await openAuditLog(directory, { mode: 'normal' }, () => NOON)
    await log.append(record('first'), true)
    await log.close()
    truncateSync(join(directory, '2026-11-25.jsonl'), 700 * 1024 * 1024)
    appendFileSync(join(directory, '2026-11-25.jsonl'), `\n${record(id)}\n`)
    const reader = await openAuditReader(root, 'us-east-1')
    expect(await idsOf(reader.last(1))).toEqual([id])
    const again = await openAuditLog(directory, { mode: 'normal' }, () => NOON)
    expect(await again.find(new Set([id]), { file: '', offset: 0 })).toEqual(new Set([id]))
    await again.close()
  }, 60_000)

  it('says which logs there are where one is asked for that is not', async () => {
    await expect(openAuditReader(join(root, 'none'), null)).rejects.toThrow('Give the data directory')
    mkdirSync(directory)
    await expect(openAuditReader(root, 'eu-east-1')).rejects.toThrow('There are: us-east-1.')
  })
})
