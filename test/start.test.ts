import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ask } from '../bench/requests.ts'
import { MAIN } from './program/program.ts'
import { readyUrl } from './server-process.ts'
import { credentialsIn } from './server.ts'

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keyspan-start-'))
})

afterAll(() => rm(directory, { recursive: true }))

/** The files of the program that are read up to the first answer of `keyspan serve`. */
async function filesOfStart(): Promise<readonly string[]> {
  const data = join(directory, 'data')
  const scripts = join(directory, 'scripts')
  const child = spawn(process.execPath, [MAIN, 'serve', '--data', data, '--port', '0', '--regions', 'us-east-1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_V8_COVERAGE: scripts },
  })
  const exit = once(child, 'exit')
  const url = await readyUrl(child)
  await ask(url, await credentialsIn(data), 'ListKeys', {})
  child.kill('SIGTERM')
  expect(await exit).toEqual([0, null])
  const reports = await Promise.all((await readdir(scripts)).map((name) => readFile(join(scripts, name), 'utf8')))
  const urls = reports.flatMap((report) => (JSON.parse(report) as { result: { url: string }[] }).result)
  const program = `file://${dirname(dirname(MAIN))}/`
  const names = urls.filter((each) => each.url.startsWith(program)).map((each) => basename(each.url))
  return [...new Set(names)].toSorted()
}

it('reads one file besides the entry, and a thread', async () => {
  const threads = ['event-index-worker.cjs', 'signature-worker.cjs']
  const read = (await filesOfStart()).filter((name) => !threads.includes(name))
  expect(read).toEqual(['keyspan.js', 'main.cjs', 'rolldown-runtime.cjs', 'server.cjs'])
})
