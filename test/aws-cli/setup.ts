import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

const SERVER = new URL('server.py', import.meta.url).pathname

/** Tells the other projects of a run that one of them has put it there. */
const IS_THERE = 'KEYSPAN_TEST_AWS_CLI'

/** Both null where another project has them. */
let directory: string | null = null
let server: ChildProcess | null = null

/**
 * Puts an `aws` before all others on the PATH, for every test and what it runs: the AWS CLI of this machine without its
 * start. Where there is no AWS CLI in this machine's Python, nothing is put there.
 */
export async function setup(): Promise<void> {
  if (process.env[IS_THERE] !== undefined) return
  process.env[IS_THERE] = 'true'
  directory = await mkdtemp(join(tmpdir(), 'aws-cli-'))
  server = spawn('python3', [SERVER, directory], { stdio: ['pipe', 'ignore', 'ignore'] })
  // Without Python there is no server, and nothing to be said of it.
  server.on('error', () => undefined)
  process.env['PATH'] = `${directory}${delimiter}${process.env['PATH'] ?? ''}`
}

/** Takes it away. */
export async function teardown(): Promise<void> {
  if (server?.pid !== undefined && server.exitCode === null) {
    const end = once(server, 'close')
    server.stdin?.end()
    await end
  }
  if (directory !== null) await rm(directory, { recursive: true })
}
