/**
 * `npm run bench:regions [ROUNDS]`: start-up time and memory with every Region served, none and all of them used,
 * beside `--regions` with five, in alternation; 5 rounds unless told otherwise. It needs Linux.
 */
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { COMMERCIAL_REGIONS } from '../src/domain/region.ts'
import { credentialsIn } from '../test/server.ts'
import { startServerUnderTest } from './server-under-test.ts'

const MAIN = new URL('../src/main.ts', import.meta.url).pathname
const FIVE = ['us-east-1', 'us-east-2', 'us-west-2', 'eu-west-1', 'eu-central-1']
const rounds = Number(process.argv[2] ?? 5)

interface Case {
  readonly name: string
  readonly flags: readonly string[]
  /** The Regions that have a key. */
  readonly used: readonly string[]
  readonly path: string
}

const cases: readonly Case[] = [
  { name: 'five named, all five used', flags: ['--regions', FIVE.join(',')], used: FIVE },
  { name: 'every Region, none used', flags: [], used: [] },
  { name: 'every Region, all used', flags: [], used: COMMERCIAL_REGIONS },
].map((each) => ({ ...each, path: mkdtempSync(join(tmpdir(), 'keyspan-bench-')) }))

try {
  for (const each of cases) await fill(each)
  const runs = new Map(cases.map(({ name }) => [name, [] as { seconds: number; megabytes: number }[]]))
  for (let round = 0; round < rounds; round += 1) {
    for (const each of cases) runs.get(each.name)?.push(await measure(each))
  }
  for (const [name, measured] of runs) {
    const seconds = median(measured.map((run) => run.seconds))
    const megabytes = median(measured.map((run) => run.megabytes))
    console.log(`${name.padEnd(28)} ready after ${seconds.toFixed(2)} s, ${megabytes.toFixed(0)} MB resident`)
  }
} finally {
  for (const { path } of cases) rmSync(path, { recursive: true })
}

function start({ path }: Case, flags: readonly string[]) {
  const args = [MAIN, 'serve', '--data', path, '--port', '0', ...flags]
  return startServerUnderTest(process.execPath, args, /is ready at (\S+) /)
}

/** The first start, and a key in each Region that is to be used; those that are named are enabled by it. */
async function fill(each: Case): Promise<void> {
  await using server = await start(each, each.used.length === 0 ? [] : ['--regions', each.used.join(',')])
  const credentials = await credentialsIn(each.path)
  for (const region of each.used) {
    const client = new KMSClient({ region, endpoint: server.url, credentials })
    await client.send(new CreateKeyCommand({}))
  }
}

async function measure(each: Case): Promise<{ seconds: number; megabytes: number }> {
  const begun = performance.now()
  await using server = await start(each, each.flags)
  return { seconds: (performance.now() - begun) / 1000, megabytes: server.residentMegabytes() }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}
