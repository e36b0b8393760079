import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConfig } from '../../src/server/config/config.ts'
import { startServer, type Server } from '../../src/server/start.ts'
import { copyInstants } from './instants.ts'
import { unpackRelease } from './release/files.ts'
import { verifyRelease } from './release/verify.ts'

const REGIONS = 'us-east-1,eu-west-1'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'keyspan-'))
})
afterEach(() => rm(root, { recursive: true }))

async function serve(data: string, work: (server: Server) => Promise<unknown> = async () => {}): Promise<void> {
  const config = readConfig({ data, port: 0, dev: true, regions: REGIONS }, {})
  const server = await startServer(config, pino({ level: 'silent' }))
  try {
    await work(server)
  } finally {
    await server.stop()
  }
}

async function createKey({ url, data }: Server): Promise<void> {
  const text = await readFile(data.credentials, 'utf8')
  const [, accessKeyId = '', secretAccessKey = ''] = /key_id = (.*)\n.*access_key = (.*)\n/.exec(text) ?? []
  const client = new KMSClient({ region: 'us-east-1', endpoint: url, credentials: { accessKeyId, secretAccessKey } })
  expect((await client.send(new CreateKeyCommand({ MultiRegion: true }))).KeyMetadata?.KeyState).toBe('Enabled')
  client.destroy()
}

/** Starts a server on what every instant has left, so that a failure says which. */
async function serveEach(instants: readonly string[], work: (server: Server) => Promise<unknown>): Promise<void> {
  for (const instant of instants) {
    await serve(instant, work).catch((error: unknown) => {
      throw new Error(`The start after instant ${instant} of ${instants.length} failed`, { cause: error })
    })
  }
}

describe('A start that is killed at any instant', () => {
  it('is followed by one that serves, on an empty directory', async () => {
    const path = join(root, 'data')
    const instants = await copyInstants(path, join(root, 'copies'), () => serve(path))
    expect(instants.length).toBeGreaterThan(20)
    await serveEach(instants, createKey)
  }, 120_000)

  it('is followed by one that serves and has lost nothing, on the data of the last release', async () => {
    const path = join(root, 'data')
    const expected = await unpackRelease(path)
    const instants = await copyInstants(path, join(root, 'copies'), () => serve(path))
    expect(instants.length).toBeGreaterThan(10)
    await serveEach(instants, ({ url, data }) => verifyRelease(expected, url, data.path))
  }, 120_000)
})
