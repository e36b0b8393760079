import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { CreateKeyCommand, ReplicateKeyCommand, RotateKeyOnDemandCommand } from '@aws-sdk/client-kms'
import { afterAll, describe, expect, it } from 'vitest'
import { kmsClient, untilState } from '../clients/kms-client.ts'
import { MAIN } from '../program/program.ts'
import { AWAY, HOME, startTestServer } from '../server.ts'
import { POSTGRES_BIN, sharedPostgres } from './postgres.ts'

describe.skipIf(POSTGRES_BIN === null)('Commands for a server that is stopped', { timeout: 60_000 }, () => {
  afterAll(async () => (await sharedPostgres()).stop())

  it('know the data that is in a database', async () => {
    const postgres = await sharedPostgres()
    const database = await postgres.newDatabase()
    await using server = await startTestServer({ regions: `${HOME},${AWAY}`, database })
    const region = async (...command: readonly string[]) => {
      const flags = ['--data', server.path, '--database', database]
      const told = await promisify(execFile)(process.execPath, [MAIN, 'region', ...command, ...flags]).catch(
        (error: unknown) => error as { stdout: string; stderr: string },
      )
      return told.stdout + told.stderr
    }
    const kms = await kmsClient(server, HOME)
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ MultiRegion: true }))
    await kms.send(new ReplicateKeyCommand({ KeyId: KeyMetadata?.KeyId, ReplicaRegion: AWAY }))
    await untilState(await kmsClient(server, AWAY), KeyMetadata?.KeyId ?? '', 'Enabled')
    await server.stop()
    expect(await region('recover', HOME)).toContain('To agree, add --yes')
    expect(await region('recover', HOME, '--yes')).toContain(`${HOME} has begun anew`)
    expect(await region('recover', 'eu-central-1', '--yes')).toContain('has no data of eu-central-1')
    expect(await region('forget', AWAY, '--yes')).toContain(`${AWAY} is not gone`)
    expect(await region('home', HOME)).toContain('has the accounts already')
    await server.restart()
    const again = await kmsClient(server, HOME)
    // All others, of whom there is one, have answered: it is the primary that it was.
    const rotate = () => again.send(new RotateKeyOnDemandCommand({ KeyId: KeyMetadata?.KeyId }))
    await expect.poll(() => rotate().then(() => 'done', String), { timeout: 20_000 }).toBe('done')
  })
})
