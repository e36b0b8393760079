import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MAIN } from './program/program.ts'

/** What is not as usual where a server is started. */
interface StartedHow {
  /** The file that is `keyspan`. */
  readonly main?: string
  /** Flags besides. */
  readonly more?: readonly string[]
  /** The file descriptor that its log goes to, instead of where that of the tests does. */
  readonly log?: number
}

/** A server in a process of its own, to be killed. */
export interface ServerProcess extends AsyncDisposable {
  readonly path: string
  readonly url: string
  start(how?: StartedHow): Promise<void>
  /** SIGKILL: nothing of it gets a chance to tidy up. */
  kill(): Promise<void>
  signal(name: NodeJS.Signals): void
  /** Waits until it has ended by itself; gives its exit status. */
  ended(): Promise<number | null>
  credentials(): Promise<{ accessKeyId: string; secretAccessKey: string }>
}

/** Prepares a server on a data directory of its own; `flags` are those of `keyspan serve`. */
export function createServerProcess(...flags: readonly string[]): Promise<ServerProcess> {
  return createServerProcessIn(tmpdir(), {}, ...flags)
}

/** Prepares one whose data directory is in another, with more in its environment. */
export async function createServerProcessIn(
  parent: string,
  environment: Readonly<Record<string, string>>,
  ...flags: readonly string[]
): Promise<ServerProcess> {
  const path = await mkdtemp(join(parent, 'keyspan-'))
  let child: ChildProcess | null = null
  let url = ''

  async function kill(): Promise<void> {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }

  return {
    path,
    get url() {
      return url
    },
    async start({ main = MAIN, more = [], log } = {}) {
      child = spawn(process.execPath, [main, 'serve', '--data', path, '--port', '0', '--dev', ...flags, ...more], {
        stdio: ['ignore', 'pipe', log ?? 'inherit'],
        env: { ...process.env, ...environment },
      })
      url = await readyUrl(child)
    },
    kill,
    signal: (name) => void child?.kill(name),
    async ended() {
      if (child !== null && child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      return child?.exitCode ?? null
    },
    async credentials() {
      const text = await readFile(join(path, 'aws', 'credentials'), 'utf8')
      const [, accessKeyId = '', secretAccessKey = ''] = /key_id = (.*)\n.*access_key = (.*)\n/.exec(text) ?? []
      return { accessKeyId, secretAccessKey }
    },
    async [Symbol.asyncDispose]() {
      await kill()
      await rm(path, { recursive: true })
    },
  }
}

/** Where a server is, once it says that it is ready. */
export async function readyUrl({ stdout }: ChildProcess): Promise<string> {
  let text = ''
  for await (const chunk of stdout ?? []) {
    text += String(chunk)
    const url = /is ready at (\S+) /.exec(text)?.[1]
    if (url !== undefined) return url
  }
  throw new Error(`The server ended before it was ready: ${text}`)
}
