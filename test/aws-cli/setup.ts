import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

const SERVER = new URL('server.py', import.meta.url).pathname

let directory: string
let server: ChildProcess

/**
 * Puts an `aws` before all others on the PATH, for every test and what it runs: the AWS CLI of this machine without its
 * start. Where there is no AWS CLI in this machine's Python, nothing is put there.
 */
export async function setup(): Promise<void> {
  directory = await mkdtemp(join(tmpdir(), 'aws-cli-'))
  server = spawn('python3', [SERVER, directory], { stdio: ['pipe', 'ignore', 'ignore'] })
  // Without Python there is no server, and nothing to be said of it.
  server.on('error', () => undefined)
  process.env['PATH'] = `${directory}${delimiter}${process.env['PATH'] ?? ''}`
}

/** Takes it away. */
export async function teardown(): Promise<void> {
  if (server.pid !== undefined && server.exitCode === null) {
    const end = once(server, 'close')
    server.stdin?.end()
    await end
  }
  await rm(directory, { recursive: true })
}
