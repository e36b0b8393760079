import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { CreateKeyCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms'
import { afterAll, describe, expect, it } from 'vitest'
import { hasTool } from '../clients/tools.ts'
import { HOME } from '../server.ts'
import { startPair, untilHealth } from '../postgres/pair.ts'
import { freePort, POSTGRES_BIN, sharedPostgres } from '../postgres/postgres.ts'

const CONFIG = join(import.meta.dirname, '../../examples/postgresql/haproxy.cfg')

describe.skipIf(POSTGRES_BIN === null || !hasTool('haproxy', ['-v'], 'HAProxy'))(
  'HAProxy: examples/postgresql/haproxy.cfg',
  () => {
    afterAll(async () => (await sharedPostgres()).stop())

    it(
      'brings clients to the process that serves, and to the other one when that is killed',
      { timeout: 60_000 },
      async () => {
        await using pair = await startPair(await (await sharedPostgres()).newDatabase())
        const { one, other } = pair
        const port = await freePort()
        const env = {
          ...process.env,
          LISTEN: `127.0.0.1:${port}`,
          ONE: new URL(one.url).host,
          OTHER: new URL(other.url).host,
        }
        const proxy = spawn('haproxy', ['-f', CONFIG], { env, stdio: 'ignore' })
        try {
          const credentials = await one.process.credentials()
          const kms = new KMSClient({ region: HOME, endpoint: `http://127.0.0.1:${port}`, credentials, maxAttempts: 1 })
          const standing = other.process.start()
          await untilHealth(other, 'standby')
          const create = () => kms.send(new CreateKeyCommand({})).then(({ KeyMetadata }) => KeyMetadata?.KeyId ?? '')
          await expect.poll(() => create().catch(() => '')).not.toBe('')
          const KeyId = await create()
          await one.process.kill()
          await standing
          const encrypt = () => kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.of(1) }))
          await expect
            .poll(() => encrypt().then(() => 'encrypted', String), { timeout: 5000, interval: 100 })
            .toBe('encrypted')
        } finally {
          const exit = once(proxy, 'exit')
          proxy.kill()
          await exit
        }
      },
    )
  },
)
