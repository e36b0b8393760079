import { askRunningServer } from '../src/cli/control-client.ts'
import { dataDirectory } from '../src/server/data-directory.ts'
import type { TestServer } from './server.ts'

/** Moves a test server's clock, and waits until what is due by then has happened. */
export async function advanceClock({ path }: TestServer, duration: string): Promise<void> {
  await askRunningServer(dataDirectory(path), '/clock', { advance: duration })
}

/** Holds the movement between Regions, or lets it go on. */
export async function pauseReplication({ path }: TestServer, paused: boolean): Promise<void> {
  await askRunningServer(dataDirectory(path), '/replication', { paused })
}

/** Makes another account. */
export async function createAccount({ path }: TestServer, id: string): Promise<void> {
  await askRunningServer(dataDirectory(path), '/account', { id })
}

/** Asks why something is refused, or who may do what: the answer is a text for people. */
export async function askInspector({ path }: TestServer, question: string, body: object): Promise<string> {
  return ((await askRunningServer(dataDirectory(path), question, body)) as { text: string }).text
}
