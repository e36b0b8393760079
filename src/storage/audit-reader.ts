import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Reads the audit logs of a deployment, whether or not its server runs. */
export interface AuditReader {
  /** The last `count` records of all Regions, by time. */
  last(count: number): Promise<readonly string[]>
  /** What has been recorded since the last call. */
  next(): Promise<readonly string[]>
}

/**
 * Opens the audit logs below `directory`, one folder a Region.
 *
 * @param region only that one; null for all
 */
export async function openAuditReader(directory: string, region: string | null): Promise<AuditReader> {
  /** How far each file has been read, in bytes. */
  const positions = new Map<string, number>()

  async function filesOf(): Promise<readonly string[]> {
    const regions = region === null ? await readdir(directory) : [region]
    const files = await Promise.all(regions.map((name) => listDays(join(directory, name))))
    return files.flat()
  }

  return {
    async last(count) {
      const records: string[] = []
      for (const file of (await filesOf()).toSorted(byDay)) {
        const text = await readFile(file, 'utf8')
        const whole = text.slice(0, text.lastIndexOf('\n') + 1)
        positions.set(file, Buffer.byteLength(whole))
        records.push(...whole.split('\n').filter((line) => line !== ''))
      }
      return count === 0 ? [] : records.toSorted(byTime).slice(-count)
    },
    async next() {
      const records: string[] = []
      for (const file of await filesOf()) {
        const { lines, end } = await readFrom(file, positions.get(file) ?? 0)
        positions.set(file, end)
        records.push(...lines)
      }
      return records.toSorted(byTime)
    },
  }
}

async function listDays(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory)
  return names.filter((name) => name.endsWith('.jsonl')).map((name) => join(directory, name))
}

async function readFrom(path: string, start: number): Promise<{ lines: readonly string[]; end: number }> {
  await using file = await open(path, 'r')
  const { size } = await file.stat()
  if (size <= start) return { lines: [], end: start }
  const bytes = Buffer.allocUnsafe(size - start)
  const { bytesRead } = await file.read(bytes, 0, bytes.length, start)
  const whole = bytes.subarray(0, bytes.subarray(0, bytesRead).lastIndexOf(0x0a) + 1)
  return {
    lines: whole
      .toString()
      .split('\n')
      .filter((line) => line !== ''),
    end: start + whole.length,
  }
}

/** Records of one second keep the order in which they were written. */
function byTime(a: string, b: string): number {
  const [left, right] = [timeOf(a), timeOf(b)]
  if (left === right) return 0
  return left < right ? -1 : 1
}

function timeOf(record: string): string {
  return /"eventTime":"([^"]*)"/.exec(record)?.[1] ?? ''
}

function byDay(a: string, b: string): number {
  return a.slice(-16) < b.slice(-16) ? -1 : 1
}
