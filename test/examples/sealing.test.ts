import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  ReplicateKeyCommand,
  KMSClient,
} from '@aws-sdk/client-kms'
import { CreateAccessKeyCommand, CreateUserCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { parse } from 'yaml'
import { startServerUnderTest } from '../../bench/server-under-test.ts'
import { iamClient } from '../clients/iam-client.ts'
import { kmsClient, refusalOf, untilState } from '../clients/kms-client.ts'
import { hasTool, profileOf } from '../clients/tools.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { companion, exampleFile, hasCompanions, runExample } from './companions.ts'
import { sopsFile } from './sops-file.ts'

const hasMoto = hasTool('moto_server', ['--help'], 'examples/emulator needs moto_server and boto3')

let server: TestServer
let kms: KMSClient
let directory: string
/** A multi-Region key, with its replica. */
let key: string
let arn: string

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  kms = await kmsClient(server, HOME)
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ MultiRegion: true }))
  key = KeyMetadata?.KeyId ?? ''
  arn = KeyMetadata?.Arn ?? ''
  await kms.send(new ReplicateKeyCommand({ KeyId: key, ReplicaRegion: AWAY }))
  await untilState(await kmsClient(server, AWAY), key, 'Enabled')
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

/** Does something while the key is disabled in the primary's Region. */
async function withoutHome<Result>(work: () => Promise<Result>): Promise<Result> {
  await kms.send(new DisableKeyCommand({ KeyId: key }))
  try {
    return await work()
  } finally {
    await kms.send(new EnableKeyCommand({ KeyId: key }))
  }
}

describe('examples/envelope-encryption', () => {
  it('keeps columns encrypted, renews them under another data key, and opens none without Keyspan', async () => {
    const DATABASE = join(directory, 'people.sqlite')
    const people = (...args: readonly string[]) =>
      runExample(server, ['envelope-encryption/people.js', ...args], { DATABASE, KEY_ID: key })
    await people('add', 'ada', 'Ada Lovelace', '1815-12-10')
    expect(await people('rotate')).toBe('Data key 2 is used from now on.')
    await people('add', 'alan', 'Alan Turing', '1912-06-23')
    expect(readFileSync(DATABASE, 'latin1')).not.toMatch(/Lovelace|Turing|1815/)
    expect(await people('show', 'ada')).toBe('{"name":"Ada Lovelace","birthday":"1815-12-10"}')
    expect(await people('renew')).toBe('1 rows are under a new data key.')
    expect(await people('show', 'ada')).toContain('Ada Lovelace')
    await withoutHome(() => expect(people('show', 'ada')).rejects.toThrow(/DisabledException/))
    using database = new DatabaseSync(DATABASE)
    database.exec("UPDATE person SET name = (SELECT name FROM person WHERE id = 'ada') WHERE id = 'alan'")
    await expect(people('show', 'alan')).rejects.toThrow(/unable to authenticate/)
  })
})

describe('examples/emulator', () => {
  it.skipIf(!hasMoto)('keeps a document in moto’s S3 and DynamoDB under a key of Keyspan', async () => {
    await using moto = await startServerUnderTest('moto_server', ['-H', '127.0.0.1', '-p', '0'], /Running on (\S+)/)
    const config = readFileSync(exampleFile('emulator/config'), 'utf8')
    const [AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE] = [join(directory, 'config'), join(directory, 'credentials')]
    writeFileSync(
      AWS_CONFIG_FILE,
      config.replaceAll('http://127.0.0.1:7700', server.url).replaceAll('http://127.0.0.1:5000', moto.url),
    )
    const { accessKeyId, secretAccessKey } = await server.credentials()
    writeFileSync(
      AWS_SHARED_CREDENTIALS_FILE,
      `[both]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
    )
    const env = { ...process.env, AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE, AWS_PROFILE: 'both' }
    const { stdout } = await promisify(execFile)('python3', [exampleFile('emulator/documents.py')], { env })
    expect(stdout).toBe(`read through ${AWAY}: Nobody objected.\n`)
  })
})

describe('examples/sops', () => {
  interface Decoder {
    decodeFile(path: string): Promise<object>
  }

  it.skipIf(!hasCompanions)('is a file that opens in either Region, by another program than wrote it', async () => {
    const { creation_rules: rules } = parse(readFileSync(exampleFile('sops/.sops.yaml'), 'utf8')) as {
      creation_rules: readonly [{ readonly kms: string }]
    }
    const arns = rules[0].kms.split(',').map((each) => each.trim().replace(/key\/.*/, `key/${key}`))
    expect(arns).toEqual([arn, arn.replace(HOME, AWAY)])
    const dataKey = randomBytes(32)
    const context = { app: 'shop' }
    const masters = arns.map(async (each) => {
      const client = await kmsClient(server, each.split(':')[3] ?? '')
      const { CiphertextBlob = Buffer.of() } = await client.send(
        new EncryptCommand({ KeyId: each, Plaintext: dataKey, EncryptionContext: context }),
      )
      return { arn: each, enc: Buffer.from(CiphertextBlob).toString('base64'), context }
    })
    const values = { password: 'correct horse', token: 'battery staple' }
    const path = join(directory, 'secrets.enc.json')
    writeFileSync(path, sopsFile(values, dataKey, await Promise.all(masters)))
    for (const [name, value] of Object.entries(profileOf(server))) vi.stubEnv(name, value)
    const decoder = companion('sops-decoder') as Decoder
    expect(await decoder.decodeFile(path)).toEqual(values)
    expect(await withoutHome(() => decoder.decodeFile(path))).toEqual(values)
  })
})

describe('examples/vault', () => {
  it('gives the seal what it asks for, and nothing else', async () => {
    const policy = readFileSync(exampleFile('vault/policy.json'), 'utf8').replace(/mrk-[0-9a-f]*/, key)
    const iam = await iamClient(server)
    const UserName = 'vault'
    await iam.send(new CreateUserCommand({ UserName }))
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'seal', PolicyDocument: policy }))
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
    const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = AccessKey ?? {}
    const credentials = { accessKeyId, secretAccessKey }
    const seal = new KMSClient({ region: HOME, endpoint: server.url, credentials, maxAttempts: 1 })
    await seal.send(new DescribeKeyCommand({ KeyId: arn }))
    const { CiphertextBlob } = await seal.send(new EncryptCommand({ KeyId: arn, Plaintext: Buffer.from('unseal') }))
    const { Plaintext } = await seal.send(new DecryptCommand({ CiphertextBlob, KeyId: arn }))
    expect(Buffer.from(Plaintext ?? []).toString()).toBe('unseal')
    expect(await refusalOf(seal.send(new DisableKeyCommand({ KeyId: arn })))).toMatchObject({
      name: 'AccessDeniedException',
    })
  })
})

describe('examples/kubernetes-secrets', () => {
  const parsed = (name: string) => parse(readFileSync(exampleFile(`kubernetes-secrets/${name}`), 'utf8')) as object

  it('has a provider that listens where the API server asks', () => {
    const [, socket = ''] = /unix:\/\/([^"]+)/.exec(JSON.stringify(parsed('encryption-configuration.yaml'))) ?? []
    expect(JSON.stringify(parsed('provider.yaml'))).toContain(`"--listen=${socket}"`)
  })

  it.skipIf(!hasCompanions)('has a pod as Kubernetes takes it', () => {
    const { Pod } = companion('kubernetes-models/v1') as { Pod: new (content: object) => { validate(): void } }
    expect(() => new Pod(parsed('provider.yaml')).validate()).not.toThrow()
    expect(() => new Pod({ spec: { containers: 'none' } }).validate()).toThrow(/containers/)
  })
})
