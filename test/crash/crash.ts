import { KMSClient } from '@aws-sdk/client-kms'
import { randomBytes, randomInt } from 'node:crypto'
import { appendFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createServerProcess, type ServerProcess } from '../server-process.ts'
import { REGIONS, type Clients } from './clients.ts'
import { createLedger, type KnownKey } from './ledger.ts'
import { work } from './load.ts'
import { verify, verifyAudit } from './verify.ts'

const WORKERS = 6
const SAMPLES = 2
/** A server is killed after at most so many answers, however slow the machine is. */
const ANSWERS = 60
const LONGEST_MS = 10_000

/** What a run of crashes has found: nothing lost, or an error was thrown. */
export interface CrashReport {
  readonly rounds: number
  readonly keys: number
  readonly answered: number
  readonly imports: number
  readonly ciphertexts: number
}

/**
 * Kills a server under load at a random moment, tears its files, starts it again and holds it against what its clients were told;
 * again and again on the same data.
 */
export async function crash(rounds: number, tell: (round: number) => void = () => {}): Promise<CrashReport> {
  await using server = await createServerProcess('--regions', REGIONS.join(','))
  const ledger = createLedger()
  const owned: KnownKey[][] = Array.from({ length: WORKERS }, () => [])
  await server.start()
  for (let round = 1; round <= rounds; round += 1) {
    const clients = await clientsOf(server)
    const workers = owned.map((own) => work(ledger, own, clients))
    await untilAnswered(ledger.answered + randomInt(ANSWERS), ledger)
    await server.kill()
    await Promise.all(workers)
    for (const client of clients.values()) client.destroy()
    await tear(server.path)
    await verifyAudit(server.path)
    await server.start()
    const after = await clientsOf(server)
    await verify(ledger, after, server.path, round === rounds ? undefined : SAMPLES)
    await verifyAudit(server.path)
    for (const client of after.values()) client.destroy()
    tell(round)
  }
  const ciphertexts = ledger.keys.reduce((count, key) => count + key.sealed.length, 0)
  return { rounds, keys: ledger.keys.length, answered: ledger.answered, imports: ledger.imports, ciphertexts }
}

async function untilAnswered(goal: number, ledger: { readonly answered: number }): Promise<void> {
  const deadline = Date.now() + LONGEST_MS
  while (ledger.answered < goal && Date.now() < deadline) await setTimeout(randomInt(1, 10))
}

/** Leaves the beginning of what a cut of power keeps from being written: a line of each log, a page of each database. */
async function tear(path: string): Promise<void> {
  for (const log of [...REGIONS, 'global']) {
    const directory = join(path, 'audit', log)
    // A Region that nobody has used yet has none.
    const names: readonly string[] = await readdir(directory).catch(() => [])
    const last = names.toSorted().at(-1)
    if (last !== undefined) await appendFile(join(directory, last), '{"eventVersion":"1.11","eventID":"')
  }
  for (const name of await readdir(join(path, 'regions'))) {
    if (name.endsWith('.sqlite-wal')) await appendFile(join(path, 'regions', name), randomBytes(1000))
  }
}

async function clientsOf(server: ServerProcess): Promise<Clients> {
  const credentials = await server.credentials()
  const client = (region: string) => new KMSClient({ region, endpoint: server.url, credentials, maxAttempts: 1 })
  return new Map(REGIONS.map((region) => [region, client(region)]))
}
