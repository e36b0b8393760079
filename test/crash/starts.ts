import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { ok } from 'node:assert'
import { setTimeout } from 'node:timers/promises'
import { createServerProcess, type ServerProcess } from '../server-process.ts'
import { unpackRelease } from './release/files.ts'
import { verifyRelease } from './release/verify.ts'

/** How often a start is killed before it is let go. */
const KILLS = 3
const FLAGS = ['--regions', 'us-east-1,eu-west-1']

/** What was killed while it started. */
export interface StartReport {
  readonly starts: number
  readonly kills: number
}

/** Kills first starts at random moments; the next one must serve. */
export function crashFirstStarts(rounds: number): Promise<StartReport> {
  return repeat(rounds, async (startMs) => {
    await using server = await createServerProcess(...FLAGS)
    const kills = await startWithKills(server, startMs)
    const client = new KMSClient({ region: 'us-east-1', endpoint: server.url, credentials: await server.credentials() })
    ok(await client.send(new CreateKeyCommand({ MultiRegion: true })))
    client.destroy()
    return kills
  })
}

/** Kills the first starts on the data of the last release at random moments; then all of it must be there. */
export function crashUpgrades(rounds: number): Promise<StartReport> {
  return repeat(rounds, async (startMs) => {
    await using server = await createServerProcess(...FLAGS)
    const expected = await unpackRelease(server.path)
    const kills = await startWithKills(server, startMs)
    await verifyRelease(expected, server.url, server.path)
    return kills
  })
}

/** @param round is told how long a start takes, in milliseconds, and gives the number of its kills */
async function repeat(rounds: number, round: (startMs: number) => Promise<number>): Promise<StartReport> {
  await using server = await createServerProcess(...FLAGS)
  const begun = performance.now()
  await server.start()
  const startMs = performance.now() - begun
  let kills = 0
  for (let count = 0; count < rounds; count += 1) kills += await round(startMs)
  return { starts: rounds + kills, kills }
}

/** Starts a server, however often it is killed. Says how often it was before it was ready. */
async function startWithKills(server: ServerProcess, startMs: number): Promise<number> {
  let kills = 0
  for (let count = 0; count < KILLS; count += 1) {
    const starting = server.start().then(
      () => 'ready',
      () => 'killed',
    )
    // What comes before is the start of Node.
    await Promise.race([starting, setTimeout(startMs * (0.4 + 0.6 * Math.random()))])
    await server.kill()
    if ((await starting) === 'killed') kills += 1
  }
  await server.start()
  return kills
}
