import {
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient, untilState } from './clients/kms-client.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
})
afterAll(() => server[Symbol.asyncDispose]())

function filesOf(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile())
}

/** How a secret could be written. */
function formsOf(bytes: Uint8Array): readonly Buffer[] {
  const secret = Buffer.from(bytes)
  return [
    secret,
    ...(['hex', 'base64', 'base64url'] as const).map((encoding) => Buffer.from(secret.toString(encoding))),
  ]
}

describe('What the server keeps', () => {
  it('holds no plaintext, no data key and no secret access key: not in a database, a record or a stream', async () => {
    const home = await kmsClient(server, HOME)
    const away = await kmsClient(server, AWAY)
    const KeyId = (await home.send(new CreateKeyCommand({ MultiRegion: true }))).KeyMetadata?.KeyId ?? ''
    await home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
    await untilState(away, KeyId, 'Enabled')
    await home.send(new RotateKeyOnDemandCommand({ KeyId }))
    const plaintext = Buffer.from('a plaintext that nobody else has')
    const { CiphertextBlob } = await home.send(new EncryptCommand({ KeyId, Plaintext: plaintext }))
    await away.send(new DecryptCommand({ CiphertextBlob }))
    const dataKey = await away.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }))
    const { secretAccessKey } = await server.credentials()
    const secrets = [...formsOf(plaintext), ...formsOf(dataKey.Plaintext ?? Buffer.of()), Buffer.from(secretAccessKey)]

    const kept = filesOf(server.path).filter((path) => !path.endsWith('aws/credentials'))
    expect(kept.length).toBeGreaterThan(8)
    for (const path of kept) {
      const content = readFileSync(path)
      for (const secret of secrets) expect(content.includes(secret), path).toBe(false)
    }
  })

  it('is its owner’s alone', () => {
    expect(statSync(server.path).mode & 0o077).toBe(0)
    for (const path of ['root.key', 'global.sqlite', 'aws/credentials', 'aws/config', `regions/${HOME}.sqlite`]) {
      expect(statSync(join(server.path, path)).mode & 0o077, path).toBe(0)
    }
  })
})
