import { spawn } from 'node:child_process'
import { reasonOf } from '../system-errors.ts'
import type { Message } from './message.ts'
import type { Program } from './read-alarms.ts'
import { MOST_ANSWER, quoted, SendError } from './send-error.ts'

/** What of the server's environment a program has: the rest can hold secrets. */
const KEPT = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR']

/** Runs a program, without a shell, with a message on its standard input. It takes it when it exits with 0. */
export function runProgram({ file, args }: Program, { body }: Message, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown) => reject(new SendError(`${file} ${why}`, { cause }))
    const env = Object.fromEntries(
      KEPT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    )
    // A process group of its own: what it has started ends with it.
    const child = spawn(file, args, { env, cwd: '/', stdio: ['pipe', 'ignore', 'pipe'], detached: true })
    const end = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It has ended.
      }
    }
    let said = Buffer.alloc(0)
    signal.addEventListener('abort', end, { once: true })
    child.stderr.on('data', (chunk: Buffer) => {
      if (said.length < MOST_ANSWER) said = Buffer.concat([said, chunk.subarray(0, MOST_ANSWER - said.length)])
    })
    child.on('error', (error) => fail(`cannot be run: ${reasonOf(error)}`, error))
    // Its last words may come behind its end.
    child.on('exit', () => end())
    child.on('close', (status) => {
      signal.removeEventListener('abort', end)
      if (signal.aborted) fail('has not ended in time, and was killed')
      else if (status === 0) resolve('exit 0')
      else fail(`has ended with ${status ?? 'a signal'}${quoted(said)}`)
    })
    // A program that does not read what it is told has its own reasons.
    child.stdin.on('error', () => {})
    child.stdin.end(`${body}\n`)
  })
}
