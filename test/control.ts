import { askRunningServer } from '../src/cli/control-client.ts'
import type { DrillStep } from '../src/domain/drill/step.ts'
import { dataDirectory } from '../src/server/data/data-directory.ts'

/** A server that was started by a test, in its process or in one of its own. */
type Running = { readonly path: string }

/** Moves a test server's clock, and waits until what is due by then has happened. */
export async function advanceClock({ path }: Running, duration: string): Promise<void> {
  await askRunningServer(dataDirectory(path), '/clock', { advance: duration })
}

/** Cuts all Regions off from each other, or lets them hear each other again. */
export async function pauseReplication(server: Running, paused: boolean): Promise<void> {
  await drill(server, paused ? 'partition' : 'heal')
}

/** Does a step of a drill. */
export async function drill(
  { path }: Running,
  action: DrillStep['action'],
  regions: readonly string[] = [],
  more: Pick<DrillStep, 'oneWay' | 'delay'> = {},
): Promise<void> {
  await askRunningServer(dataDirectory(path), '/region', { action, regions, ...more })
}

/** Makes another account. */
export async function createAccount({ path }: Running, id: string): Promise<void> {
  await askRunningServer(dataDirectory(path), '/account', { id })
}

/** Asks why something is refused, or who may do what: the answer is a text for people. */
export async function askInspector(server: Running, question: string, body: object): Promise<string> {
  return ((await askControl(server, question, body)) as { text: string }).text
}

/** Asks what `keyspan` commands ask. */
export function askControl({ path }: Running, question: string, body: object): Promise<unknown> {
  return askRunningServer(dataDirectory(path), question, body)
}
