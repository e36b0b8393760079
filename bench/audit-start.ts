/**
 * `npm run bench:audit [HOURS]`: start-up time and memory with so many hours of records at 50 requests a second, 24
 * unless told otherwise (5 GB), and what it takes to cover and to verify them; beside them a start with no records. It
 * needs Linux.
 */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { recordCall } from '../src/kernel/audit.ts'
import { rootCaller } from '../src/kernel/identities/caller.ts'
import { dataDirectory } from '../src/server/data/data-directory.ts'
import { openAuditLog } from '../src/storage/audit/log.ts'
import { startServerUnderTest } from './server-under-test.ts'

const REGION = 'us-east-1'
const A_SECOND = 50
const MAIN = new URL('../src/main.ts', import.meta.url).pathname
const hours = Number(process.argv[2] ?? 24)
const path = mkdtempSync(join(tmpdir(), 'keyspan-bench-'))
const data = dataDirectory(path)

/** The day that is simulated. */
const FIRST = Date.parse('2026-11-25T00:00:00Z')

try {
  report('empty, after the first start', [await start(), await start()].slice(-1))
  const begun = performance.now()
  await record()
  const files = readdirSync(data.audit(REGION)).filter((name) => name.startsWith('2026-11-25'))
  const bytes = files.reduce((sum, name) => sum + statSync(join(data.audit(REGION), name)).size, 0)
  console.log(
    `${hours} h, ${hours * 3600 * A_SECOND} records, ${(bytes / 1e9).toFixed(2)} GB in ${files.length} files, ` +
      `written in ${((performance.now() - begun) / 1000).toFixed(0)} s`,
  )
  report('until all is in a checkpoint', [await cover()])
  report('audit verify', [await run('verify')])
  report('after a stop', [await start(), await start(), await start()])
  const newest = readdirSync(data.audit(REGION)).toSorted().at(-1) ?? ''
  const killed = { file: newest, offset: statSync(join(data.audit(REGION), newest)).size }
  report('after a kill, a record pending', [await start(killed), await start(killed), await start(killed)])
  const unplaced = { file: files.toSorted()[0] ?? '', offset: 0 }
  report('a record pending since the morning', [await start(unplaced)])
  report('audit tail -n 1000', [await run('tail', '-n', '1000')])
  report('audit tail -n 1000000', [await run('tail', '-n', '1000000')])
} finally {
  rmSync(path, { recursive: true })
}

interface Measured {
  readonly seconds: number
  readonly megabytes: number
}

function report(what: string, runs: readonly Measured[]): void {
  const times = runs.map(({ seconds }) => seconds.toFixed(2)).join(', ')
  const memory = Math.max(...runs.map(({ megabytes }) => megabytes))
  console.log(`${what.padEnd(36)} ${times} s, ${memory.toFixed(0)} MB at most`)
}

/** Writes the records of Encrypt, as the server would have. */
async function record(): Promise<void> {
  let now = FIRST
  const log = await openAuditLog(data.audit(REGION), { mode: 'normal' }, () => now)
  const caller = rootCaller('111122223333', 'AKIAIOSFODNN7EXAMPLE')
  const key = `arn:aws:kms:${REGION}:111122223333:key/${randomUUID()}`
  for (let second = 0; second < hours * 3600; second += 1) {
    now = FIRST + second * 1000
    const records = Array.from({ length: A_SECOND }, () =>
      recordCall({
        eventSource: 'kms.amazonaws.com',
        eventName: 'Encrypt',
        readOnly: true,
        region: REGION,
        now,
        requestId: randomUUID(),
        caller,
        sourceIp: '127.0.0.1',
        userAgent: 'aws-sdk-js/3.1164.0 ua/2.1 os/linux lang/js md/nodejs#26.10.0 api/kms#3.1164.0',
        requestParameters: { keyId: key, encryptionAlgorithm: 'SYMMETRIC_DEFAULT' },
        resources: [key],
        error: null,
      }),
    )
    await Promise.all(records.flat().map(({ text }) => log.append(text, false)))
  }
  await log.close()
}

/** Starts a server, with a record that may not be in the log before `pending`, and stops it. */
async function start(pending?: { readonly file: string; readonly offset: number }): Promise<Measured> {
  if (pending !== undefined) addPending(pending)
  const begun = performance.now()
  const args = [MAIN, 'serve', '--data', path, '--port', '0', '--regions', REGION]
  await using server = await startServerUnderTest(process.execPath, args, /is ready at (\S+) /)
  return { seconds: (performance.now() - begun) / 1000, megabytes: server.peakMegabytes() }
}

function addPending({ file, offset }: { readonly file: string; readonly offset: number }): void {
  using database = new DatabaseSync(data.region(REGION))
  const eventID = randomUUID()
  database
    .prepare('insert into pending_record (event_id, text, log_file, log_offset) values (?, ?, ?, ?)')
    .run(eventID, JSON.stringify({ eventTime: '2026-11-25T00:00:00Z', eventID }), file, offset)
}

/** Starts a server, and waits until its last checkpoint has all that is in the log. */
async function cover(): Promise<Measured> {
  const begun = performance.now()
  const args = [MAIN, 'serve', '--data', path, '--port', '0', '--regions', REGION]
  await using server = await startServerUnderTest(process.execPath, args, /is ready at (\S+) /)
  const checkpoint = join(data.tree(REGION), 'checkpoint')
  while (Number(readFileSync(checkpoint, 'utf8').split('\n')[1]) < hours * 3600 * A_SECOND) await setTimeout(100)
  return { seconds: (performance.now() - begun) / 1000, megabytes: server.peakMegabytes() }
}

/** Runs a command of the audit log. */
async function run(...words: readonly string[]): Promise<Measured> {
  const begun = performance.now()
  const tell = 'data:text/javascript,process.on("exit",()=>console.error(process.resourceUsage().maxRSS))'
  const args = ['--import', tell, MAIN, 'audit', ...words, '--data', path]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let text = ''
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await once(child, 'close')
  return { seconds: (performance.now() - begun) / 1000, megabytes: Number(text) / 1024 }
}
