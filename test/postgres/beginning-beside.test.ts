import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MAIN } from '../program/program.ts'
import { startTogether, untilRole, type Pair } from './pair.ts'
import { POSTGRES_BIN, sharedPostgres } from './postgres.ts'

const ENDS_MS = 20_000

describe.skipIf(POSTGRES_BIN === null)('A process that is to serve beside another', () => {
  let database: string
  let pair: Pair
  let data: string
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'keyspan-'))
    database = await (await sharedPostgres()).newDatabase()
    pair = await startTogether(database)
  })
  afterAll(async () => {
    await pair[Symbol.asyncDispose]()
    await rm(data, { recursive: true, force: true })
  })

  /** What a process says that does not go on. */
  async function refusal(...flags: readonly string[]): Promise<string> {
    const started = pair.flags.filter((each, n) => !flags.includes(each) && !flags.includes(pair.flags[n - 1] ?? ''))
    const args = [MAIN, 'serve', '--data', data, '--port', '0', ...started, ...flags]
    try {
      await promisify(execFile)(process.execPath, args, { timeout: ENDS_MS })
      return 'it has ended well'
    } catch (error) {
      return (error as { stderr?: string }).stderr ?? String(error)
    }
  }

  it('ends at once where it is to serve other Regions', async () => {
    expect(await refusal('--regions', 'eu-west-1,us-east-1')).toMatch(
      /^keyspan: The process at \S+, which leads, serves us-east-1, and this one is to serve eu-west-1, us-east-1\. Give all processes/m,
    )
  })

  it('ends at once where others could not reach it if it led', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as AddressInfo
    expect(await refusal('--node-address', `127.0.0.1:${port}`)).toContain(
      `Another program listens on port ${port} of 127.0.0.1. Stop it, or give --node-address another`,
    )
    taken.close()
  })

  it('goes on where PostgreSQL has ended all sessions, and leads', async () => {
    const { other } = pair
    other.process.start().catch(() => {})
    await untilRole(other, 'follower')
    const sessions = 'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()'
    await (await sharedPostgres()).query(database, `${sessions} and pid <> pg_backend_pid()`)
    await pair.one.process.ended()
    await untilRole(other, 'leader')
  }, 60_000)
})
