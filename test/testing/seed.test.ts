import { DecryptCommand, EncryptCommand, KMSClient, ReplicateKeyCommand, CreateKeyCommand } from '@aws-sdk/client-kms'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import { parse } from 'yaml'
import { describe, expect, it } from 'vitest'
import { startEphemeral } from '../../src/server/ephemeral.ts'
import { exportSeed, seedText } from '../../src/server/seed/export.ts'
import { fillSeed } from '../../src/server/seed/fill.ts'
import { readSeed } from '../../src/server/seed/read.ts'
import type { SeedContent } from '../../src/server/seed/schema.ts'
import { startKeyspan } from '../../src/testing/index.ts'
import { askControl } from '../control.ts'
import { startTestServer } from '../server.ts'
import { kmsClient, untilState } from '../clients/kms-client.ts'

const RICH = new URL('rich-seed.yaml', import.meta.url)

/** What a server that began with a seed exports. */
async function planted(text: string, material = true): Promise<string> {
  const read = readSeed(text, 'seed.yaml')
  const seed = fillSeed(read, null)
  const options = { regions: null, enforcement: 'enforce', throttle: 'off', host: '127.0.0.1', port: 0, seed } as const
  const server = await startEphemeral(options, pino({ level: 'silent' }))
  try {
    const { global, regions } = server.life().engine
    const exported = await exportSeed({ global, regions, material })
    expect(material ? exported.notes : []).toEqual([])
    return seedText(exported.seed)
  } finally {
    await server.stop()
  }
}

describe('A seed', () => {
  it('is the same when it is exported, planted and exported again', async () => {
    const first = await planted(readFileSync(RICH, 'utf8'))
    expect(await planted(first)).toBe(first)
    // What the example has, the export has.
    for (const part of ['alias/shop-old', 'tenant-a', 'af-south-1', 'only-kms', 'HasMaterial: false', 'ML_KEM_768']) {
      expect(first).toContain(part)
    }
  })

  it('has no secret where none was asked for', async () => {
    const text = await planted(readFileSync(RICH, 'utf8'), false)
    expect(text).not.toMatch(/SecretAccessKey|KeyMaterials/)
    expect(await planted(text, false)).toBe(text)
  })

  it('decrypts what the server that it is from has encrypted', async () => {
    await using server = await startTestServer()
    const kms = await kmsClient(server, 'us-east-1')
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ MultiRegion: true }))
    const KeyId = KeyMetadata?.KeyId ?? ''
    await kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: 'eu-west-1' }))
    await untilState(await kmsClient(server, 'eu-west-1'), KeyId, 'Enabled')
    const Plaintext = Buffer.from('attack at dawn')
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext }))
    const { seed } = (await askControl(server, '/seed', { material: true })) as { seed: { Accounts: [] } }
    await using keyspan = await startKeyspan({ seed })
    const elsewhere = keyspan.client(KMSClient, { region: 'eu-west-1' })
    const answer = await elsewhere.send(new DecryptCommand({ CiphertextBlob }))
    expect(Buffer.from(answer.Plaintext ?? []).toString()).toBe('attack at dawn')
  })

  it('gives no secret away outside development mode', async () => {
    await using server = await startTestServer({ dev: false })
    await expect(askControl(server, '/seed', { material: true })).rejects.toThrow(
      'Secrets leave a server in development mode only',
    )
    expect(await askControl(server, '/seed', { material: false })).toMatchObject({ notes: [] })
  })
})

const DOCUMENT = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}'

const account = (more: string) => `Accounts:\n  - AccountId: '111122223333'\n${more}`

describe('What a seed may say', () => {
  it('takes access keys of any text, on or off', async () => {
    const off = { AccessKeyId: 'test2', SecretAccessKey: 'x', Status: 'Inactive' }
    const AccessKeys = [{ AccessKeyId: 'test1', SecretAccessKey: 'x' }, off]
    const Users = [{ UserName: 'ada', AccessKeys: [{ ...off, AccessKeyId: 'test3' }] }]
    await using keyspan = await startKeyspan({
      seed: { Accounts: [{ AccountId: '111122223333', AccessKeys, Users }] },
    })
    const INVALID = 'The security token included in the request is invalid.'
    const whoIs = async (accessKeyId: string) => {
      const credentials = { accessKeyId, secretAccessKey: 'x' }
      return keyspan.client(STSClient, { credentials }).send(new GetCallerIdentityCommand({}))
    }
    expect((await whoIs('test1')).Arn).toBe('arn:aws:iam::111122223333:root')
    await expect(whoIs('test2')).rejects.toThrow(INVALID)
    const ada = keyspan.client(STSClient, { as: 'ada' })
    await expect(ada.send(new GetCallerIdentityCommand({}))).rejects.toThrow(INVALID)
  })

  it('finds a policy of the account by its name, wherever its path is', async () => {
    const text = account(`    Policies:
      - { PolicyName: use, Path: /team/, PolicyDocument: ${DOCUMENT} }
    Users: [{ UserName: ada, ManagedPolicyArns: [use], PermissionsBoundary: use }]`)
    expect(await planted(text)).toMatch(/(arn:aws:iam::111122223333:policy\/team\/use(.|\n)*){2}/)
  })

  it('takes Regions that are enabled already', async () => {
    const EnabledRegions = ['af-south-1', 'us-east-1', 'af-south-1']
    const seed = { Accounts: [{ AccountId: '111122223333', EnabledRegions }] }
    await using keyspan = await startKeyspan({ seed, regions: ['us-east-1', 'af-south-1'] })
    await keyspan.client(KMSClient, { region: 'af-south-1' }).send(new CreateKeyCommand({}))
  })

  it('keeps the texts of policies to the letter', async () => {
    const spaced = JSON.stringify(JSON.parse(DOCUMENT), null, 2)
    const of = (PolicyDocument: string) =>
      JSON.stringify({
        Accounts: [
          { AccountId: '111122223333', Users: [{ UserName: 'ada', Policies: [{ PolicyName: 'p', PolicyDocument }] }] },
        ],
      })
    for (const [given, kept] of [
      [spaced, spaced],
      [DOCUMENT, JSON.parse(DOCUMENT)],
    ]) {
      const { Accounts } = parse(await planted(of(given))) as SeedContent
      expect(Accounts[0]?.Users?.[0]?.Policies?.[0]?.PolicyDocument).toEqual(kept)
    }
  })
})

describe('A seed that cannot be', () => {
  it.each([
    ['Accounts: [', 'seed.yaml:1:12: '],
    ['Accounts: {}', 'seed.yaml:1:11: Accounts: This must be a list.'],
    ['bogus: 1\nAccounts: []', 'seed.yaml:1:1: bogus: There is no such field. There are Accounts, Organization.'],
    [
      'Accounts: []\n---\nAccounts: []',
      'seed.yaml:2:1: A second document begins here, and a seed is one: take the line --- away',
    ],
    [`Accounts: ${'['.repeat(9000)}${']'.repeat(9000)}`, 'It is nested too deeply to be read.'],
    [`${'{"a":'.repeat(9000)}{}${'}'.repeat(9000)}`, 'It is nested too deeply to be read.'],
    [
      `a: &a [x]\nb: &b [${'*a, '.repeat(40)}]\nc: &c [${'*b, '.repeat(40)}]\nd: [${'*c, '.repeat(40)}]`,
      'seed.yaml:4:161: The aliases (*name) up to here stand for more than a seed may have',
    ],
    [
      account('    Policies: [{ PolicyName: x, PolicyDocument: &p { a: *p } }]'),
      'seed.yaml:3:52: Accounts[0].Policies[0].PolicyDocument: This cannot be written as JSON',
    ],
    [
      account(
        '    Users:\n' +
          '      - { UserName: ada, AccessKeys: [{ AccessKeyId: test, SecretAccessKey: a }] }\n' +
          '      - { UserName: bob, AccessKeys: [{ AccessKeyId: test, SecretAccessKey: b }] }\n',
      ),
      'seed.yaml:5:54: Accounts[0].Users[1].AccessKeys[0].AccessKeyId: The access key test is at ' +
        'Accounts[0].Users[0].AccessKeys[0].AccessKeyId, already.',
    ],
    [
      `${account('    AccessKeys: [{ AccessKeyId: t, SecretAccessKey: a }]\n')}  - AccountId: 444455556666\n` +
        '    AccessKeys: [{ AccessKeyId: t, SecretAccessKey: a }]',
      'Accounts[1].AccessKeys[0].AccessKeyId: The access key t is at Accounts[0].AccessKeys[0].AccessKeyId',
    ],
    ['Accounts: [{}]', 'seed.yaml:1:12: Accounts[0].AccountId: This is missing.'],
    ['Accounts:\n  - AccountId: 1', 'seed.yaml:2:16: Accounts[0].AccountId: This must be a text.'],
    [account('    Userz: []'), 'seed.yaml:3:5: Accounts[0].Userz: There is no such field. Did you mean Users?'],
    [
      account('    Keys:\n      - KeySpec: RSA_2047'),
      'seed.yaml:4:18: Accounts[0].Keys[0].KeySpec: "RSA_2047" is not possible here. Did you mean RSA_2048?',
    ],
    [
      account('    Keys:\n      - KeySpec: SYMMETRIC_DEFAULT\n        KeyUsage: SIGN_VERIFY'),
      'seed.yaml:4:9: Accounts[0].Keys[0]: ValidationException: KeyUsage SIGN_VERIFY is not compatible',
    ],
    [
      account('    Keys:\n      - KeyMaterials: [AAAA]'),
      'seed.yaml:4:24: Accounts[0].Keys[0].KeyMaterials[0]: The key material has 3 bytes.',
    ],
    [
      account('    Keys:\n      - KeySpec: ML_DSA_44\n        KeyUsage: SIGN_VERIFY\n        KeyMaterials: [AAAA]'),
      'seed.yaml:6:24: Accounts[0].Keys[0].KeyMaterials[0]: The key material is no private key as PKCS#8 in DER.',
    ],
    [
      account('    Roles:\n      - RoleName: a\n        AssumeRolePolicyDocument: {}'),
      'seed.yaml:5:35: Accounts[0].Roles[0].AssumeRolePolicyDocument: MalformedPolicyDocument',
    ],
    [
      account(
        '    Keys:\n      - Policy: { Version: "2012-10-17", Statement: [{ Effect: Allow, Principal: { AWS: "arn:aws:iam::111122223333:user/x" }, Action: "kms:*", Resource: "*" }] }',
      ),
      'seed.yaml:4:17: Accounts[0].Keys[0].Policy: MalformedPolicyDocumentException',
    ],
    [
      account('    Keys:\n      - KeyId: mrk-1234abcd12ab34cd56ef1234567890ab\n        MultiRegion: false'),
      'seed.yaml:4:16: Accounts[0].Keys[0].KeyId: The id of a multi-Region key begins with mrk-',
    ],
    [
      account(
        '    Keys:\n      - KeyId: mrk-1234abcd12ab34cd56ef1234567890ab\n' +
          '      - KeyId: mrk-1234abcd12ab34cd56ef1234567890ab\n        Region: eu-west-1',
      ),
      'seed.yaml:5:16: Accounts[0].Keys[1].KeyId: There is a key mrk-1234abcd12ab34cd56ef1234567890ab of this account',
    ],
    [
      `${account('')}  - AccountId: 111122223333`,
      'seed.yaml:3:16: Accounts[1].AccountId: There is an account 111122223333 in the seed already.',
    ],
    [
      `${account('')}Organization:\n  ManagementAccount: '444455556666'`,
      'seed.yaml:4:22: Organization.ManagementAccount: There is no account 444455556666 in the seed.',
    ],
  ])('says where and why: %j', async (text, message) => {
    await expect(planted(text)).rejects.toThrow(message)
  })

  it('says all that is wrong with its form at once', () => {
    expect(() => readSeed(account('    Userz: []\n    Keys: [{ Enabled: 7 }]'), 'seed.yaml')).toThrow(
      /seed\.yaml:3:5: .*\nseed\.yaml:4:|seed\.yaml:4:.*\nseed\.yaml:3:5/,
    )
  })
})
