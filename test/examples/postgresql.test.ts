import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { CreateKeyCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms'
import { describe, expect, it } from 'vitest'
import { hasTool } from '../clients/tools.ts'
import { freePort } from '../free-port.ts'
import { HOME } from '../server.ts'
import { recordsOf, startPair, startTogether, untilHealth, untilRole, type Pair } from '../postgres/pair.ts'
import { POSTGRES_BIN, sharedPostgres } from '../postgres/postgres.ts'

const CONFIG = join(import.meta.dirname, '../../examples/postgresql/haproxy.cfg')

describe.skipIf(POSTGRES_BIN === null || !hasTool('haproxy', ['-v'], 'HAProxy'))(
  'HAProxy: examples/postgresql/haproxy.cfg',
  () => {
    it(
      'brings clients to the process that serves, and to the other one when that is killed',
      { timeout: 60_000 },
      async () => {
        await using pair = await startPair(await (await sharedPostgres()).newDatabase())
        const { one, other } = pair
        await using proxy = await startProxy(pair)
        const standing = other.process.start()
        await untilHealth(other, 'standby')
        const KeyId = await createKey(proxy.kms)
        await one.process.kill()
        await standing
        await encrypt(proxy.kms, KeyId)
      },
    )

    it(
      'brings clients to both where they serve together, and peers to the one that leads',
      { timeout: 60_000 },
      async () => {
        await using pair = await startTogether(await (await sharedPostgres()).newDatabase())
        const { one, other } = pair
        await using proxy = await startProxy(pair)
        const leads = other.process.start()
        leads.catch(() => {})
        await untilRole(other, 'follower')
        const KeyId = await createKey(proxy.kms)
        const answered = async () => {
          for (let count = 0; count < 4; count += 1) await encrypt(proxy.kms, KeyId)
          return (await recordsOf(other, 'outbox')).filter((text) => text.includes(KeyId)).length
        }
        await expect.poll(answered, { timeout: 10_000 }).toBeGreaterThan(0)
        const led = () => proxy.leader().catch(() => 'nobody')
        await expect.poll(led).toBe('leader')
        await one.process.kill()
        await leads
        await encrypt(proxy.kms, KeyId)
        await expect.poll(led, { timeout: 10_000 }).toBe('leader')
      },
    )
  },
)

/** HAProxy before both, and what speaks through it. Peers reach the port for clients here, which answers who it is. */
async function startProxy({ one, other }: Pair) {
  const [port, peers] = [await freePort(), await freePort()]
  const env = {
    ...process.env,
    LISTEN: `127.0.0.1:${port}`,
    ONE: new URL(one.url).host,
    OTHER: new URL(other.url).host,
    PEERS: `127.0.0.1:${peers}`,
    ONE_PEERS: new URL(one.url).host,
    OTHER_PEERS: new URL(other.url).host,
    ONE_CLIENTS: new URL(one.url).port,
    OTHER_CLIENTS: new URL(other.url).port,
  }
  const proxy = spawn('haproxy', ['-f', CONFIG], { env, stdio: 'ignore' })
  const credentials = await one.process.credentials()
  return {
    kms: new KMSClient({ region: HOME, endpoint: `http://127.0.0.1:${port}`, credentials, maxAttempts: 1 }),
    /** What whoever is reached by peers is. */
    async leader() {
      const answer = await fetch(`http://127.0.0.1:${peers}/health`, { headers: { connection: 'close' } })
      return ((await answer.json()) as { role?: string }).role
    },
    async [Symbol.asyncDispose]() {
      const exit = once(proxy, 'exit')
      proxy.kill()
      await exit
    },
  }
}

/** Tried again while nobody is known to serve. */
async function createKey(kms: KMSClient): Promise<string> {
  const create = () => kms.send(new CreateKeyCommand({})).then(({ KeyMetadata }) => KeyMetadata?.KeyId ?? '')
  await expect.poll(() => create().catch(() => '')).not.toBe('')
  return create()
}

async function encrypt(kms: KMSClient, KeyId: string): Promise<void> {
  const once = () => kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.of(1) }))
  await expect.poll(() => once().then(() => 'encrypted', String), { timeout: 5000, interval: 100 }).toBe('encrypted')
}
