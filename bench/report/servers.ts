/** The servers that are measured. */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { makeTemporaryDirectory, removeTemporaryDirectory } from '../../src/server/temporary-directory.ts'
import { credentialsIn } from '../../test/server.ts'
import type { Credentials } from '../requests.ts'
import { startServerUnderTest, type ServerUnderTest } from '../server-under-test.ts'

/** What starts Keyspan as its package does. */
export const STARTER = new URL('../../bin/keyspan.js', import.meta.url).pathname
const MAIN = new URL('../../src/main.ts', import.meta.url).pathname
const BARE = new URL('../bare-server.ts', import.meta.url).pathname
const READY = /is ready at (\S+) /

/** A Keyspan as its package has it, with data of its own. */
export interface Keyspan extends ServerUnderTest {
  readonly path: string
  readonly credentials: Credentials
}

/** @throws Error where nothing is bundled */
export function requireBundle(): void {
  if (!existsSync(new URL('../../dist/main.cjs', import.meta.url))) throw new Error('There is no bundle: npm run build')
}

/** A new directory for data; what is in it is gone in the end, or when the process exits. */
export async function newData(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await makeTemporaryDirectory()
  return { path, [Symbol.asyncDispose]: () => removeTemporaryDirectory(path) }
}

/** What runs a program on one processor of its own, where there is more than one. */
const ALONE = availableParallelism() > 1 ? ['taskset', '-c', '0'] : []

/** Starts a program on a processor that the load leaves alone. */
export function startAlone(command: string, args: readonly string[], pattern: RegExp): Promise<ServerUnderTest> {
  const [first = '', ...rest] = [...ALONE, command, ...args]
  return startServerUnderTest(first, rest, pattern)
}

/** Starts Keyspan on a data directory. */
export function startKeyspan(path: string, ...flags: readonly string[]): Promise<Keyspan> {
  return serve([STARTER], path, flags)
}

/** Starts Keyspan on a data directory from its source, whose files a profile names; `flags` are those of Node. */
export function startFromSource(path: string, flags: readonly string[]): Promise<Keyspan> {
  return serve([...flags, MAIN], path)
}

async function serve(program: readonly string[], path: string, flags: readonly string[] = []): Promise<Keyspan> {
  const args = [...program, 'serve', '--data', path, '--port', '0', '--regions', 'us-east-1', ...flags]
  const server = await startAlone(process.execPath, args, READY)
  return { ...server, path, credentials: await credentialsIn(path) }
}

/** Starts the bare server that answers with so many bytes. */
export function startBare(bytes: number): Promise<ServerUnderTest> {
  return startAlone(process.execPath, [BARE, String(bytes)], READY)
}
