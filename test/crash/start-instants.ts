import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { readConfig } from '../../src/server/config/config.ts'
import { startServer, type Server } from '../../src/server/start.ts'
import { credentialsIn } from '../server.ts'
import { copyInstants } from './instants.ts'
import { unpackRelease } from './release/files.ts'
import { verifyRelease } from './release/verify.ts'

const REGIONS = 'us-east-1,eu-west-1'

async function serve(data: string, work: (server: Server) => Promise<unknown> = async () => {}): Promise<void> {
  const config = readConfig({ data, port: 0, dev: true, regions: REGIONS }, {})
  const server = await startServer(config, pino({ level: 'silent' }))
  try {
    await work(server)
  } finally {
    await server.stop()
  }
}

/**
 * Looks from each instant of a start on an empty directory whether the next one serves.
 *
 * @param every of so many instants one is looked at
 * @returns how many were
 */
export function killFirstStart(every: number): Promise<number> {
  return lookInto(async (path, root) => {
    const { paths, count } = await copyInstants(path, join(root, 'copies'), () => serve(path), { every })
    assert.ok(count > 20, `only ${count} instants`)
    return serveEach(paths, createKey)
  })
}

/** Looks from each instant of the first start on the data of the last release whether the next one has lost nothing. */
export function killUpgrade(every: number): Promise<number> {
  return lookInto(async (path, root) => {
    const expected = await unpackRelease(path)
    const { paths, count } = await copyInstants(path, join(root, 'copies'), () => serve(path), { every })
    assert.ok(count > 10, `only ${count} instants`)
    return serveEach(paths, ({ url, data }) => verifyRelease(expected, url, data.path))
  })
}

async function lookInto<Result>(look: (path: string, root: string) => Promise<Result>): Promise<Result> {
  const root = await mkdtemp(join(tmpdir(), 'keyspan-'))
  try {
    return await look(join(root, 'data'), root)
  } finally {
    await rm(root, { recursive: true })
  }
}

/** Starts a server on what each instant has left, so that a failure says which. */
async function serveEach(instants: readonly string[], work: (server: Server) => Promise<unknown>): Promise<number> {
  for (const instant of instants) {
    await serve(instant, work).catch((error: unknown) => {
      throw new Error(`The start after instant ${instant} failed`, { cause: error })
    })
  }
  return instants.length
}

async function createKey({ url, data }: Server): Promise<void> {
  const credentials = await credentialsIn(data.path)
  const client = new KMSClient({ region: 'us-east-1', endpoint: url, credentials })
  const { KeyMetadata } = await client.send(new CreateKeyCommand({ MultiRegion: true }))
  assert.equal(KeyMetadata?.KeyState, 'Enabled')
  client.destroy()
}
