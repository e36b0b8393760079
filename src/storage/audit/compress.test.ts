import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compressLogFile } from './compress.ts'
import { listLog } from './files.ts'
import { findLastLines, linesFrom } from './lines.ts'
import { DamagedLogFileError, openCompressedFile, openLogFile } from './log-file.ts'

let root: string
let path: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'keyspan-'))
  path = join(root, '2026-11-25.jsonl')
})
afterEach(() => rmSync(root, { recursive: true }))

const lines = (count: number, length = 300) =>
  Array.from({ length: count }, (_, index) => `{"eventID":"${index}","text":"${'x'.repeat(index % length)}"}\n`)

async function readAll(): Promise<readonly string[]> {
  const read: string[] = []
  for await (const { text } of linesFrom(path, 0)) read.push(text)
  return read
}

/** Flips a bit of the compressed file. */
function flip(at: number): void {
  const bytes = readFileSync(`${path}.zst`)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(`${path}.zst`, bytes)
}

describe('A file of a log that is compressed', () => {
  it('keeps its name and its places, is smaller, and is its owner’s alone', async () => {
    const written = lines(3000)
    writeFileSync(path, written.join(''))
    const { before, after } = await compressLogFile(path)
    expect(before).toBe(written.join('').length)
    expect(after).toBeLessThan(before / 4)
    expect(readdirSync(root)).toEqual(['2026-11-25.jsonl.zst'])
    expect(statSync(`${path}.zst`)).toMatchObject({ size: after, mode: 0o100600 })
    expect(await listLog(root)).toEqual(['2026-11-25.jsonl'])
    expect((await readAll()).join('\n')).toBe(written.join('').trimEnd())
    const { start } = await findLastLines(path, 2)
    expect(start).toBe(before - written.slice(-2).join('').length)
  })

  it('is read at any place as before, whoever waits for it', async () => {
    const bytes = Buffer.from(lines(1200).join(''))
    writeFileSync(path, bytes)
    await compressLogFile(path)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length + 10), fc.nat(200_000), async (position, length) => {
        using file = openLogFile(path)
        const expected = bytes.subarray(position, position + length)
        for (const read of [
          await fill((into) => file.read(into, position)),
          await fill((into) => file.readNow(into, position)),
        ])
          expect(read.equals(expected)).toBe(true)

        async function fill(read: (into: Buffer) => number | Promise<number>): Promise<Buffer> {
          const into = Buffer.alloc(length)
          return into.subarray(0, await read(into))
        }
      }),
    )
  })

  it('is read by other tools: its frames are those of zstd', async () => {
    const bytes = Buffer.from(lines(300).join(''))
    writeFileSync(path, bytes)
    await compressLogFile(path)
    const first = zstdDecompressSync(readFileSync(`${path}.zst`))
    expect(first.equals(bytes.subarray(0, first.length))).toBe(true)
  })

  it.each([[''], ['one line without an end']])('may hold %j', async (text) => {
    writeFileSync(path, text)
    await compressLogFile(path)
    using file = openLogFile(path)
    const into = Buffer.alloc(100)
    expect(into.toString('utf8', 0, await file.read(into, 0))).toBe(text)
    expect(file.size).toBe(text.length)
  })

  it('is whole after a kill at any moment, and compressed the next time', async () => {
    const written = lines(500).join('')
    writeFileSync(path, written)
    cpSync(path, join(root, 'original'))
    await compressLogFile(path)
    const compressed = readFileSync(`${path}.zst`)
    // It was cut off while it wrote, and before the original was taken away.
    for (const left of ['.zst.new', '.zst']) {
      rmSync(`${path}.zst`, { force: true })
      cpSync(join(root, 'original'), path)
      writeFileSync(path + left, left === '.zst' ? compressed : compressed.subarray(0, 100))
      expect(await listLog(root)).toEqual(['2026-11-25.jsonl'])
      expect((await readAll()).length).toBe(500)
      await compressLogFile(path)
      expect(existsSync(path)).toBe(false)
      expect(readFileSync(`${path}.zst`).equals(compressed)).toBe(true)
    }
  })

  it('that is damaged says where, and is read on behind it by whoever asks for that', async () => {
    const written = Buffer.from(lines(3000).join(''))
    writeFileSync(path, written)
    await compressLogFile(path)
    flip(20)
    await expect(readAll()).rejects.toThrow(/2026-11-25\.jsonl\.zst is damaged between byte 0 and \d+/)
    const told: string[] = []
    using file = openLogFile(path, (error) => told.push(error.message))
    const into = Buffer.alloc(written.length)
    expect(await file.read(into, 0)).toBe(written.length)
    expect(told).toHaveLength(1)
    const firstGood = into.findIndex((byte) => byte !== 0)
    expect(firstGood).toBe(64 * 1024)
    expect(into.subarray(firstGood).equals(written.subarray(firstGood))).toBe(true)
  })

  it('is never read as something else, whatever is done to its bytes', async () => {
    const written = Buffer.from(lines(2000).join(''))
    writeFileSync(path, written)
    await compressLogFile(path)
    const whole = readFileSync(`${path}.zst`)
    const change = fc.oneof(
      fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) }).map(({ at, byte }) => {
        const bytes = Buffer.from(whole)
        bytes[at] = byte
        return bytes
      }),
      fc.nat(whole.length).map((length) => whole.subarray(0, length)),
      fc.uint8Array({ maxLength: 64 }).map((end) => Buffer.concat([whole.subarray(0, whole.length - end.length), end])),
      fc.uint8Array({ maxLength: 200 }),
    )
    const hostile = `${path}.zst`
    fc.assert(
      fc.property(change, (bytes) => {
        writeFileSync(hostile, bytes)
        try {
          using file = openCompressedFile(hostile)
          const into = Buffer.alloc(written.length + 1)
          expect(into.subarray(0, file.readNow(into, 0)).equals(written)).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(DamagedLogFileError)
        }
      }),
      { numRuns: 300 },
    )
  })
})
