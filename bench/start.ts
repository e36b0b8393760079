/**
 * `npm run bench:start [RUNS]`: from the start of the process to the first signed answer, of the package as it is
 * installed, beside a bare `node:http` in the same run; ten alternating runs unless told otherwise. It needs Linux, and
 * `npm run build` first.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ask } from './requests.ts'
import { startServerUnderTest } from './server-under-test.ts'

const STARTER = new URL('../bin/keyspan.js', import.meta.url).pathname
const BARE = new URL('bare-server.ts', import.meta.url).pathname
const ANSWER_BYTES = 60
const READY = /is ready at (\S+) /
const runs = Number(process.argv[2] ?? 10)
const parent = mkdtempSync(join(tmpdir(), 'keyspan-bench-'))

if (!existsSync(new URL('../dist/main.cjs', import.meta.url))) throw new Error('There is no bundle: npm run build')

try {
  const times = { bare: [] as number[], first: [] as number[], again: [] as number[] }
  // The first of all compiles, and warms the client up.
  await keyspan('warm')
  for (let run = 0; run < runs; run += 1) {
    times.bare.push(await bare())
    times.first.push(await keyspan(`run-${run}`))
    times.again.push(await keyspan(`run-${run}`))
  }
  const middle = median(times.bare)
  for (const [what, each] of Object.entries(times)) {
    const all = each.map((time) => time.toFixed(0)).join(' ')
    console.log(
      `${what.padEnd(6)} ${median(each).toFixed(0)} ms (${(median(each) / middle).toFixed(2)} of bare): ${all}`,
    )
  }
} finally {
  rmSync(parent, { recursive: true })
}

async function bare(): Promise<number> {
  const begun = performance.now()
  await using server = await startServerUnderTest(process.execPath, [BARE, String(ANSWER_BYTES)], READY)
  await (await fetch(server.url, { method: 'POST', body: '{}' })).text()
  return performance.now() - begun
}

async function keyspan(name: string): Promise<number> {
  const data = join(parent, name)
  const begun = performance.now()
  const args = [STARTER, 'serve', '--data', data, '--port', '0']
  await using server = await startServerUnderTest(process.execPath, args, READY)
  const text = readFileSync(join(data, 'aws', 'credentials'), 'utf8')
  const [, accessKeyId = '', secretAccessKey = ''] = /key_id = (.*)\n.*access_key = (.*)\n/.exec(text) ?? []
  await ask(server.url, { accessKeyId, secretAccessKey }, 'ListKeys', {})
  return performance.now() - begun
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
}
