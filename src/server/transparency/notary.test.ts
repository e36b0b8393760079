import { generateKeyPairSync } from 'node:crypto'
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEdge, leafHash } from '../../crypto/transparency/merkle.ts'
import { isConsistent } from '../../crypto/transparency/proof.ts'
import { openNotary, type Notary } from './notary.ts'
import { seenOf, type Seen } from './witness.ts'

const KEY = { name: 'keyspan/d/us-east-1', kind: 'log', ...generateKeyPairSync('ed25519') } as const

let root: string
let log: string
let directory: string
let time: number
let writes: number
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'keyspan-'))
  log = join(root, 'audit')
  directory = join(root, 'tree')
  mkdirSync(log)
  time = Date.parse('2026-11-28T12:00:00Z')
  writes = 1
})
afterEach(() => rmSync(root, { recursive: true }))

/** The end of what is in the log. */
function place(from = log) {
  const file = readdirSync(from).toSorted().at(-1) ?? ''
  return { file, offset: file === '' ? 0 : statSync(join(from, file)).size }
}

const open = (known: Seen | null = null, at = { log, directory }) =>
  openNotary({
    ...at,
    audit: { place: () => place(at.log) },
    store: { state: () => ({ begun: 'b', writes, digest: String(writes) }) },
    key: KEY,
    known,
    recover: 'keyspan region recover us-east-1',
    now: () => time,
  })

async function settle(notary: Notary): Promise<Notary> {
  while (await notary.advance());
  return notary
}

function record(count: number, file = '2026-11-28.jsonl', length = 20): void {
  const lines = Array.from({ length: count }, (_, index) => `${String(index).padEnd(length, '.')}\n`)
  appendFileSync(join(log, file), lines.join(''))
}

/** The root of all that is in the log, worked out anew. */
function rootOfLog(): Buffer {
  const edge = createEdge(0, [])
  for (const file of readdirSync(log).toSorted()) {
    for (const line of readFileSync(join(log, file), 'utf8').split('\n').slice(0, -1))
      edge.append(leafHash(Buffer.from(line)))
  }
  return edge.root()
}

describe('The checkpoints of a log', () => {
  it('are of all its files, over days and restarts, and each begins with those before', async () => {
    let before = { size: 0, root: createEdge(0, []).root() }
    let notary = await open()
    for (const [round, file] of ['2026-11-28', '2026-11-28T130000Z', '2026-11-29', '2026-11-30'].entries()) {
      record(round * 300, `${file}.jsonl`)
      await settle(notary)
      const now = notary.sealed?.checkpoint
      if (now === undefined) throw new Error('no checkpoint')
      expect(now.root).toEqual(rootOfLog())
      expect(isConsistent(before, now, await notary.proofFrom(before.size))).toBe(true)
      before = now
      await notary.close()
      notary = await open()
      expect(notary.sealed?.checkpoint).toEqual(now)
    }
    expect(before.size).toBe(1800)
    await notary.close()
  })

  it('are made when something came, and once a minute where nothing does', async () => {
    const notary = await settle(await open())
    const first = notary.sealed
    expect(first?.checkpoint.size).toBe(0)
    time += 59_000
    await settle(notary)
    expect(notary.sealed).toBe(first)
    time += 1000
    await settle(notary)
    expect(notary.sealed?.checkpoint.time).toBe(time)
    record(1)
    await settle(notary)
    expect(notary.sealed?.checkpoint.size).toBe(1)
    await notary.close()
  })

  it('take in a long log in steps, each of which is kept', async () => {
    record(20, '2026-11-28.jsonl', 2 * 1024 * 1024)
    const notary = await open()
    expect(await notary.advance()).toBe(true)
    const { size = 0 } = notary.sealed?.checkpoint ?? {}
    expect(size).toBeGreaterThan(0)
    expect(size).toBeLessThan(20)
    await notary.close()
    const again = await settle(await open())
    expect(again.sealed?.checkpoint).toMatchObject({ size: 20, root: rootOfLog() })
    await again.close()
  })

  it('go on after a kill at any length of any of their files', async () => {
    record(600)
    await (await settle(await open())).close()
    record(10)
    await (await settle(await open())).close()
    const expected = rootOfLog()
    for (const [name, length] of [
      ['0', 0],
      ['0', 33],
      ['0', 256 * 32],
      ['1', 0],
      ['1', 10],
    ] as const) {
      const copy = join(root, `${name}-${length}`)
      cpSync(directory, copy, { recursive: true })
      writeFileSync(join(copy, name), readFileSync(join(copy, name)).subarray(0, length))
      const notary = await settle(await open(null, { log, directory: copy }))
      expect(notary).toMatchObject({ trouble: null, sealed: { checkpoint: { size: 610, root: expected } } })
      await notary.close()
    }
  })
})

describe('Files that are due', () => {
  const NAMES = ['2026-11-26.jsonl', '2026-11-27.jsonl', '2026-11-28.jsonl'] as const
  beforeEach(() => {
    for (const [day, name] of NAMES.entries()) record(300 + day, name)
  })

  it('are deleted once a checkpoint says where the log begins, and it goes on as before', async () => {
    const expected = rootOfLog()
    let notary = await settle(await open())
    expect(await notary.deleteBefore(NAMES[1])).toBe(300)
    expect(readdirSync(log)).toEqual(NAMES.slice(1))
    expect(notary.sealed?.checkpoint).toMatchObject({ root: expected, begins: { record: 300, file: NAMES[1] } })
    expect(await notary.deleteBefore(NAMES[1])).toBe(0)
    await notary.close()
    notary = await settle(await open())
    record(10, NAMES[2])
    await settle(notary)
    expect(notary).toMatchObject({ trouble: null, sealed: { checkpoint: { size: 913, begins: { record: 300 } } } })
    expect(await notary.deleteBefore(NAMES[2])).toBe(301)
    expect(notary.sealed?.checkpoint.begins).toEqual({ record: 601, file: NAMES[2] })
    await notary.close()
  })

  it('are deleted after a kill that came between', async () => {
    const kept = join(root, 'kept')
    cpSync(log, kept, { recursive: true })
    const notary = await settle(await open())
    await notary.deleteBefore(NAMES[1])
    await notary.close()
    cpSync(kept, log, { recursive: true })
    const again = await settle(await open())
    expect(again.trouble).toBeNull()
    expect(await again.deleteBefore(NAMES[2])).toBe(301)
    expect(readdirSync(log)).toEqual([NAMES[2]])
    expect(again.sealed?.checkpoint.begins).toEqual({ record: 601, file: NAMES[2] })
    await again.close()
  })

  it('stay where they are not what was written: they are evidence', async () => {
    const notary = await settle(await open())
    const path = join(log, NAMES[0])
    const changes = [
      (text: string) => text.replace('7', '8'),
      (text: string) => text.slice(21),
      (text: string) => `${text}more\n`,
    ]
    const written = readFileSync(path, 'utf8')
    for (const change of changes) {
      writeFileSync(path, change(written))
      const each = await open()
      await each.deleteBefore(NAMES[1])
      const isOnlyLonger = change(written).startsWith(written)
      if (!isOnlyLonger) expect(each.trouble).toContain('are not those that were written')
      expect(readdirSync(log)).toEqual(NAMES)
      await each.close()
    }
    await notary.close()
  })

  it('stay where they are not in a checkpoint yet', async () => {
    const notary = await open()
    expect(await notary.deleteBefore(NAMES[2])).toBe(0)
    expect(readdirSync(log)).toEqual(NAMES)
    await notary.close()
  })

  it('leave a tree that cannot be made again, which is said', async () => {
    const notary = await settle(await open())
    await notary.deleteBefore(NAMES[1])
    await notary.close()
    writeFileSync(join(directory, '0'), '')
    const again = await settle(await open())
    expect(again.trouble).toContain('cannot be made again: the first 300 records')
    await again.close()
  })
})

describe('A notary signs nothing', () => {
  /** What it says after the log, the tree or the database was changed while no server ran. */
  async function troubleAfter(change: (known: Seen) => Seen | null | void): Promise<string | null> {
    record(300)
    const notary = await settle(await open())
    const checkpoint = notary.sealed?.checkpoint
    if (checkpoint === undefined) throw new Error('no checkpoint')
    await notary.close()
    const before = readFileSync(join(directory, 'checkpoint'))
    const known = change(seenOf('v', checkpoint)) ?? null
    const again = await settle(await open(known))
    const { trouble } = again
    await again.close()
    const path = join(directory, 'checkpoint')
    if (readdirSync(directory).includes('checkpoint')) expect(readFileSync(path).equals(before)).toBe(trouble !== null)
    return trouble
  }
  const file = () => join(log, '2026-11-28.jsonl')

  it('once the end of its log was cut', async () => {
    expect(await troubleAfter(() => writeFileSync(file(), readFileSync(file()).subarray(0, -21)))).toContain(
      'taken away',
    )
  })

  it('once a file is missing', async () => {
    expect(await troubleAfter(() => rmSync(file()))).toContain('is missing')
  })

  it('once its tree is gone, and the log is not what it was', async () => {
    const change = () => {
      rmSync(join(directory, '0'))
      writeFileSync(file(), readFileSync(file(), 'utf8').replace('7', '8'))
    }
    expect(await troubleAfter(change)).toContain('are not those of its last checkpoint')
  })

  it('once all of its tree is gone, and the log is not what its store has known', async () => {
    const change = (known: Seen) => {
      rmSync(directory, { recursive: true })
      writeFileSync(file(), readFileSync(file(), 'utf8').replace('7', '8'))
      return known
    }
    expect(await troubleAfter(change)).toContain('are not those of its last checkpoint')
  })

  it('once its checkpoint is older than its store has known', async () => {
    expect(await troubleAfter((known) => ({ ...known, size: 301 }))).toContain('it was put back')
  })

  it('once its checkpoint was changed', async () => {
    record(1)
    const notary = await settle(await open())
    await notary.close()
    const path = join(directory, 'checkpoint')
    writeFileSync(path, readFileSync(path, 'utf8').replace('\n1\n', '\n2\n'))
    const again = await open()
    expect(again.trouble).toContain('is not signed by the key')
    await again.close()
  })

  it('once its database is older than its checkpoint', async () => {
    writes = 5
    await (await settle(await open())).close()
    writes = 4
    const { trouble } = await open()
    expect(trouble).toContain('it was put back')
    expect(trouble).toContain('stop the server: keyspan region recover us-east-1')
  })
})
