import { fstatSync } from 'node:fs'
import { constants } from 'node:os'

/** What is stopped. */
interface Stoppable {
  stop(): Promise<void>
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A signal and what hands it on, such as npm and the terminal, come together: they are one. */
const TOGETHER_MS = 1000
const PARENT_POLL_MS = 250
const STDIN = 0
/** What a shell adds to a signal's number for the exit status. */
const SIGNALLED = 128

/** Whoever has started this process, asked before it can be gone. */
const PARENT = process.ppid

/**
 * Ends the process on a signal while there is no server to stop yet. The system does so by itself, but for process 1:
 * a container that is starting could only be killed.
 */
export function endOnSignal(): void {
  if (process.pid !== 1) return
  for (const signal of SIGNALS) process.on(signal, end)
}

function end(signal: NodeJS.Signals): void {
  process.exit(SIGNALLED + constants.signals[signal])
}

/**
 * Stops a server on a signal, and where the process that has started it for another Node is gone. The first signal lets
 * what is under way finish; a later one does not wait.
 *
 * @param withParent whether it is also stopped where whoever has started this process is gone, or closes the pipe to
 *   its standard input
 */
export function stopOnSignal(server: Stoppable, withParent: boolean): void {
  let begun: number | null = null
  const stop = (): void => {
    begun = performance.now()
    void server.stop().finally(() => {
      if (process.connected) process.disconnect?.()
      if (withParent) process.stdin.destroy()
    })
  }
  for (const signal of SIGNALS) {
    const listen = (): void => {
      if (begun === null) return stop()
      if (performance.now() - begun < TOGETHER_MS) return
      process.off(signal, listen)
      process.kill(process.pid, signal)
    }
    process.off(signal, end)
    process.on(signal, listen)
  }
  const stopOnce = (): void => {
    if (begun === null) stop()
  }
  process.on('disconnect', stopOnce)
  const { npm_package_name: clone, npm_lifecycle_event: event } = process.env
  const withShell = clone === 'keyspan' || event === 'npx'
  if (withParent || withShell) {
    onOrphaned(stopOnce)
    // The starter, which stands between for another Node, has nothing else to say than that its own parent is gone.
    process.on('message', stopOnce)
  }
  if (withParent) onClosedStdin(stopOnce)
}

/** npm and npx end the shell that runs a program; the shell hands nothing on, but its child has another parent. */
function onOrphaned(listener: () => void): void {
  const timer = setInterval(() => {
    if (process.ppid === PARENT) return
    clearInterval(timer)
    listener()
  }, PARENT_POLL_MS)
  timer.unref()
}

/** The end of a pipe is its other end’s: a terminal, a file and /dev/null say nothing of who has started this. */
function onClosedStdin(listener: () => void): void {
  const stdin = fstatSync(STDIN, { throwIfNoEntry: false })
  if (stdin === undefined || !(stdin.isFIFO() || stdin.isSocket())) return
  for (const event of ['end', 'error', 'close']) process.stdin.on(event, listener)
  process.stdin.resume()
}
