import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

/** A server in a process of its own. */
export interface ServerUnderTest extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  /** Seconds of processor time that it has used. */
  cpuSeconds(): number
  residentMegabytes(): number
  /** The most that it has had resident. */
  peakMegabytes(): number
}

/** Clock ticks a second in /proc on Linux. */
const TICKS = 100

/** Starts a program, which ends with this one, and waits until it prints where it is; `pattern` finds that in what it prints. */
export async function startServerUnderTest(
  command: string,
  args: readonly string[],
  pattern: RegExp,
): Promise<ServerUnderTest> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const kill = (): unknown => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  const url = await printedUrl(child, pattern)
  const stat = () =>
    readFileSync(`/proc/${child.pid}/stat`, 'latin1')
      .replace(/^.*\) /, '')
      .split(' ')
  const memory = (name: 'VmRSS' | 'VmHWM') => {
    const status = readFileSync(`/proc/${child.pid}/status`, 'latin1')
    return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024
  }
  return {
    url,
    pid: child.pid ?? 0,
    cpuSeconds: () => (Number(stat()[11]) + Number(stat()[12])) / TICKS,
    residentMegabytes: () => memory('VmRSS'),
    peakMegabytes: () => memory('VmHWM'),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      await exit
    },
  }
}

function printedUrl(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const read = (chunk: Buffer): void => {
      text += chunk.toString()
      const url = pattern.exec(text)?.[1]
      if (url !== undefined) resolve(url)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.on('error', reject)
    child.on('exit', () => reject(new Error(`It ended before it was ready: ${text}`)))
  })
}
