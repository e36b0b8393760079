import { tmpdir } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { freePort } from '../free-port.ts'
import { createServerProcessIn, type ServerProcess } from '../server-process.ts'
import { QUIET } from './room.ts'

/** One of several processes that serve one database. Whoever ends by itself is started again. */
export interface Node extends AsyncDisposable {
  readonly url: string
  readonly peerPort: number
  readonly process: ServerProcess
  /** Whether it is held, and knows nothing of it. */
  isHeld(): boolean
  /** Starts it. It may have to stand by. */
  start(): void
  kill(): Promise<void>
  /** Holds it for so many milliseconds. Resolves when it goes on. */
  hold(milliseconds: number): Promise<void>
  /** Whether it answers, and others go by it: it neither stands by nor follows. */
  leads(): Promise<boolean>
}

const ANSWER_MS = 1000
/** Whoever starts it again needs a moment for that. */
const AGAIN_MS = 200

/** Prepares one; `flags` are those of `keyspan serve`. */
export async function createNode(flags: readonly string[]): Promise<Node> {
  const [port, peerPort] = [await freePort(), await freePort()]
  const ports = ['--port', String(port), '--peer-port', String(peerPort)]
  const process = await createServerProcessIn(tmpdir(), QUIET, ...flags, ...ports)
  const url = `http://127.0.0.1:${port}`
  let supervised: AbortController | null = null
  let isHeld = false

  async function supervise({ signal }: AbortController): Promise<void> {
    while (!signal.aborted) {
      await process.start().catch(() => {})
      await process.ended()
      await setTimeout(AGAIN_MS, null, { signal }).catch(() => {})
    }
  }
  async function kill(): Promise<void> {
    supervised?.abort()
    supervised = null
    isHeld = false
    await process.kill()
  }
  return {
    url,
    peerPort,
    process,
    kill,
    isHeld: () => isHeld,
    start() {
      if (supervised !== null) return
      supervised = new AbortController()
      void supervise(supervised)
    },
    async hold(milliseconds) {
      process.signal('SIGSTOP')
      isHeld = true
      await setTimeout(milliseconds)
      isHeld = false
      process.signal('SIGCONT')
    },
    async leads() {
      try {
        const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(ANSWER_MS) })
        const { status, role } = (await answer.json()) as { status: string; role?: string }
        return status !== 'standby' && role !== 'follower'
      } catch {
        return false
      }
    },
    async [Symbol.asyncDispose]() {
      await kill()
      await process[Symbol.asyncDispose]()
    },
  }
}
