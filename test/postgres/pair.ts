import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KMSClient } from '@aws-sdk/client-kms'
import { expect, vi } from 'vitest'
import { freePort } from '../free-port.ts'
import { HOME } from '../server.ts'
import { createServerProcess, type ServerProcess } from '../server-process.ts'

/** Two processes that serve one database. */
export interface Pair extends AsyncDisposable {
  readonly one: Member
  readonly other: Member
  /** Those of `keyspan serve` that both have. */
  readonly flags: readonly string[]
  /** Makes ready another one to be started. */
  another(): Promise<Member>
}

export interface Member {
  readonly process: ServerProcess
  readonly url: string
  /** Asks it once: nothing is tried again. */
  client(): Promise<KMSClient>
}

/** Starts the first one; the other is ready to be started. They serve one at a time. */
export function startPair(database: string): Promise<Pair> {
  return startMembers(database)
}

/** The same of two that serve together. */
export function startTogether(database: string, ...more: readonly string[]): Promise<Pair> {
  return startMembers(database, '--node-address', '127.0.0.1:0', ...more)
}

async function startMembers(database: string, ...more: readonly string[]): Promise<Pair> {
  const shared = await mkdtemp(join(tmpdir(), 'keyspan-'))
  const flags = ['--database', database, '--root-key', join(shared, 'root.key'), '--regions', HOME, ...more]
  const processes: ServerProcess[] = []
  const member = async (): Promise<Member> => {
    const port = await freePort()
    const process = await createServerProcess(...flags, '--port', String(port))
    processes.push(process)
    const url = `http://127.0.0.1:${port}`
    // The first of them has made the account.
    const client = async () =>
      new KMSClient({ region: HOME, endpoint: url, credentials: await one.process.credentials(), maxAttempts: 1 })
    return { process, url, client }
  }
  const one = await member()
  await one.process.start()
  const other = await member()
  return {
    one,
    other,
    flags,
    another: member,
    async [Symbol.asyncDispose]() {
      for (const process of processes) await process[Symbol.asyncDispose]()
      await rm(shared, { recursive: true })
    },
  }
}

/** The status of its answer to `/health`, and the word in it. */
export async function health({ url }: Member): Promise<readonly [number, string]> {
  try {
    const answer = await fetch(`${url}/health`)
    return [answer.status, ((await answer.json()) as { status: string }).status]
  } catch {
    return [0, 'away']
  }
}

/** Waits until it says so. */
export async function untilHealth(member: Member, status: string): Promise<void> {
  await expect.poll(async () => (await health(member))[1], { timeout: 20_000, interval: 50 }).toBe(status)
}

/** Waits until it answers beside the one that leads, or leads. */
export async function untilRole({ url }: Member, role: 'leader' | 'follower'): Promise<void> {
  await vi.waitFor(async () => expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'ok', role }), {
    timeout: 20_000,
    interval: 50,
  })
}

/** The records in a process's own logs, or in what it has yet to hand over. */
export async function recordsOf({ process: { path } }: Member, where = 'audit'): Promise<readonly string[]> {
  const directory = join(path, where, HOME)
  const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.jsonl')).toSorted()
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')))
  return texts.flatMap((text) => text.split('\n')).filter((text) => text !== '')
}

/** Whether a process answers by itself, and does not ask the one that leads. */
export async function answeredItself(member: Member, ask: () => Promise<unknown>): Promise<boolean> {
  const before = (await recordsOf(member, 'outbox')).length
  await ask()
  return (await recordsOf(member, 'outbox')).length > before
}

/** Waits until a process answers by itself. */
export async function untilItself(member: Member, ask: () => Promise<unknown>): Promise<void> {
  await vi.waitFor(async () => expect(await answeredItself(member, ask)).toBe(true), { timeout: 20_000 })
}
