import { CreateUserCommand, IAMClient } from '@aws-sdk/client-iam'
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateMacCommand,
  KMSClient,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
} from '@aws-sdk/client-kms'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { spawnSync } from 'node:child_process'
import { createHmac, generateKeyPairSync, verify } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, expectTypeOf, it, vi } from 'vitest'
import type {
  AccountContent,
  KeyContent,
  OrganizationContent,
  ReplicaContent,
  SeedContent,
} from '../../src/server/seed/schema.ts'
import {
  startKeyspan,
  type KeyspanOptions,
  type KeyspanSeed,
  type KeyspanSeedAccount,
  type KeyspanSeedGrant,
  type KeyspanSeedKey,
  type KeyspanSeedOrganization,
  type KeyspanSeedReplica,
  type KeyspanSeedRole,
  type KeyspanSeedUser,
} from '../../src/testing/index.ts'
import { refusalOf } from '../clients/kms-client.ts'

const ACCOUNT = '111122223333'
const KEY = '1234abcd-12ab-34cd-56ef-1234567890ab'
const RELATED = 'mrk-1234abcd12ab34cd56ef1234567890ab'
const ROLE = {
  RoleName: 'app',
  AssumeRolePolicyDocument: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  },
}

/** Tells the event of each listener of the process that was added since. Those that others have removed are not told. */
function listenersSince(): () => (string | symbol)[] {
  const present = () =>
    process.eventNames().flatMap((event) => process.rawListeners(event).map((listener) => ({ event, listener })))
  const before = new Set(present().map(({ listener }) => listener))
  return () => present().flatMap(({ event, listener }) => (before.has(listener) ? [] : [event]))
}

describe('startKeyspan', () => {
  it('starts a server with an account, and leaves nothing behind', async () => {
    const temporary = await mkdtemp(join(tmpdir(), 'keyspan-'))
    vi.stubEnv('TMPDIR', temporary)
    const environment = { ...process.env }
    const added = listenersSince()
    {
      await using keyspan = await startKeyspan()
      expect(keyspan.accounts.map(({ id }) => id)).toEqual([ACCOUNT])
      const kms = keyspan.client(KMSClient)
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
      expect(KeyMetadata?.Arn).toBe(`arn:aws:kms:us-east-1:${ACCOUNT}:key/${KeyMetadata?.KeyId}`)
      expect(await readdir(temporary)).toHaveLength(1)
      // They listen together for the end of the process, and for nothing else.
      await using _another = await startKeyspan()
      expect(added()).toEqual(['exit'])
    }
    expect(added()).toEqual([])
    expect(process.env).toEqual(environment)
    expect(await readdir(temporary)).toEqual([])
    vi.unstubAllEnvs()
    await rm(temporary, { recursive: true })
  })

  it('has keys of chosen ids and materials', async () => {
    const secret = Buffer.alloc(32, 7)
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    await using keyspan = await startKeyspan({
      seed: {
        Accounts: [
          {
            AccountId: ACCOUNT,
            Keys: [
              {
                KeyId: KEY,
                KeySpec: 'HMAC_256',
                KeyUsage: 'GENERATE_VERIFY_MAC',
                KeyMaterials: [`hex:${secret.toString('hex')}`],
              },
              {
                KeyId: '00000000-12ab-34cd-56ef-1234567890ab',
                KeySpec: 'ECC_NIST_P256',
                KeyUsage: 'SIGN_VERIFY',
                KeyMaterials: [privateKey.export({ format: 'pem', type: 'pkcs8' })],
                Aliases: ['alias/signer'],
              },
            ],
          },
        ],
      },
    })
    const kms = keyspan.client(KMSClient)
    const Message = Buffer.from('hello')
    const { Mac } = await kms.send(new GenerateMacCommand({ KeyId: KEY, Message, MacAlgorithm: 'HMAC_SHA_256' }))
    expect(Buffer.from(Mac ?? []).equals(createHmac('sha256', secret).update(Message).digest())).toBe(true)
    const signed = await kms.send(
      new SignCommand({ KeyId: 'alias/signer', Message, SigningAlgorithm: 'ECDSA_SHA_256' }),
    )
    expect(verify('sha256', Message, publicKey, signed.Signature ?? Buffer.of(0))).toBe(true)
  })

  it('lets clients stand for root users, users and roles', async () => {
    const Policies = [
      {
        PolicyName: 'use',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 'kms:Encrypt', Resource: '*' }],
        },
      },
    ]
    const trust = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    }
    await using keyspan = await startKeyspan({
      seed: {
        Accounts: [
          {
            AccountId: ACCOUNT,
            Users: [{ UserName: 'ada', Policies }],
            Roles: [{ RoleName: 'app', AssumeRolePolicyDocument: trust, Policies }],
            Keys: [{ KeyId: KEY }],
          },
          { AccountId: '444455556666' },
        ],
      },
    })
    const whoIs = async (as?: string) => {
      const sts = keyspan.client(STSClient, as === undefined ? {} : { as })
      return (await sts.send(new GetCallerIdentityCommand({}))).Arn
    }
    expect(await whoIs()).toBe(`arn:aws:iam::${ACCOUNT}:root`)
    expect(await whoIs('444455556666')).toBe('arn:aws:iam::444455556666:root')
    expect(await whoIs('ada')).toBe(`arn:aws:iam::${ACCOUNT}:user/ada`)
    expect(await whoIs('app')).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/app/keyspan`)
    const app = keyspan.client(KMSClient, { as: 'app' })
    const Plaintext = Buffer.from('x')
    const { CiphertextBlob } = await app.send(new EncryptCommand({ KeyId: KEY, Plaintext }))
    expect(await keyspan.explainLast()).toBeNull()
    expect((await refusalOf(app.send(new DecryptCommand({ CiphertextBlob })))).name).toBe('AccessDeniedException')
    const why = await keyspan.explainLast()
    expect(why?.explained.permissions[0]).toMatchObject({ allowed: false, action: 'kms:Decrypt' })
    expect(why?.text).toContain('kms:Decrypt')
    await keyspan.reset()
    // The same client, the same session.
    await app.send(new EncryptCommand({ KeyId: KEY, Plaintext }))
    expect(() => keyspan.client(KMSClient, { as: 'adda' })).toThrow('Did you mean "ada"?')
  })

  it('has the clock in hand', async () => {
    await using keyspan = await startKeyspan({ seed: { Accounts: [{ AccountId: ACCOUNT, Keys: [{ KeyId: KEY }] }] } })
    const kms = keyspan.client(KMSClient)
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: KEY, PendingWindowInDays: 7 }))
    await keyspan.clock.advance('6d')
    expect((await kms.send(new DescribeKeyCommand({ KeyId: KEY }))).KeyMetadata?.KeyState).toBe('PendingDeletion')
    await keyspan.clock.set(new Date(keyspan.clock.now().getTime() + 86_400_000))
    expect((await refusalOf(kms.send(new DescribeKeyCommand({ KeyId: KEY })))).name).toBe('NotFoundException')
    await expect(keyspan.clock.set('2020-01-01')).rejects.toThrow('goes forward only')
    await expect(keyspan.clock.advance('soon')).rejects.toThrow('is no duration')
    await keyspan.reset()
    expect((await kms.send(new DescribeKeyCommand({ KeyId: KEY }))).KeyMetadata?.KeyState).toBe('Enabled')
    expect(Math.abs(keyspan.clock.now().getTime() - Date.now())).toBeLessThan(60_000)
  })

  it('cuts two Regions off from each other, and no others', async () => {
    await using keyspan = await startKeyspan({
      seed: { Accounts: [{ AccountId: ACCOUNT, Keys: [{ KeyId: RELATED }] }] },
    })
    const [east, west, south] = ['us-east-1', 'eu-west-1', 'ap-southeast-2'].map((region) =>
      keyspan.client(KMSClient, { region, maxAttempts: 1 }),
    )
    await keyspan.partition('us-east-1', 'eu-west-1')
    for (const ReplicaRegion of ['eu-west-1', 'ap-southeast-2']) {
      await east?.send(new ReplicateKeyCommand({ KeyId: RELATED, ReplicaRegion }))
    }
    await keyspan.settle()
    const stateIn = async (kms?: KMSClient) =>
      (await kms?.send(new DescribeKeyCommand({ KeyId: RELATED })).catch(() => null))?.KeyMetadata?.KeyState
    expect(await stateIn(south)).toBe('Enabled')
    expect(await stateIn(west)).toBeUndefined()
    keyspan.heal()
    await keyspan.settle()
    expect(await stateIn(west)).toBe('Enabled')
    await expect(keyspan.partition('us-east-9')).rejects.toThrow('This server has no Region "us-east-9"')
    await keyspan.down('us-east-1')
    await expect(stateIn(east)).resolves.toBeUndefined()
    await keyspan.up('us-east-1')
    expect(await stateIn(east)).toBe('Enabled')
    await expect(keyspan.delay('us-east-1', 'eu-west-1', 'long')).rejects.toThrow('"long" is no delay')
  })

  it('goes back to its seed, as often as it is told, and over the wire', async () => {
    await using keyspan = await startKeyspan({ credentials: { accessKeyId: 'test', secretAccessKey: 'test' } })
    const iam = keyspan.client(IAMClient)
    for (const reset of [() => keyspan.reset(), () => fetch(`${keyspan.url}/reset`, { method: 'POST' })]) {
      await iam.send(new CreateUserCommand({ UserName: 'ada' }))
      await reset()
    }
    await Promise.all([
      iam.send(new CreateUserCommand({ UserName: 'ada' })),
      keyspan.reset(),
      keyspan.reset(),
      iam.send(new CreateUserCommand({ UserName: 'grace' })),
    ])
  })

  it('says that it has stopped, whatever it is asked for then', async () => {
    const temporary = await mkdtemp(join(tmpdir(), 'keyspan-'))
    vi.stubEnv('TMPDIR', temporary)
    const keyspan = await startKeyspan({ seed: { Accounts: [{ AccountId: ACCOUNT, Roles: [ROLE] }] } })
    const role = keyspan.config({ as: 'app' }).credentials
    await Promise.all([keyspan.reset(), keyspan.stop()])
    await keyspan.stop()
    const asked: Readonly<Record<string, () => unknown>> = {
      now: () => keyspan.clock.now(),
      advance: () => keyspan.clock.advance('1d'),
      set: () => keyspan.clock.set('2090-01-01'),
      config: () => keyspan.config(),
      client: () => keyspan.client(KMSClient),
      partition: () => keyspan.partition('us-east-1'),
      down: () => keyspan.down('us-east-1'),
      up: () => keyspan.up('us-east-1'),
      delay: () => keyspan.delay('us-east-1', 'eu-west-1', '5s'),
      heal: () => keyspan.heal(),
      settle: () => keyspan.settle(),
      explainLast: () => keyspan.explainLast(),
      reset: () => keyspan.reset(),
      role: () => (typeof role === 'function' ? role() : null),
    }
    for (const [name, ask] of Object.entries(asked)) {
      await expect(async () => ask(), name).rejects.toThrow('This server has stopped.')
    }
    expect(await readdir(temporary)).toEqual([])
    vi.unstubAllEnvs()
    await rm(temporary, { recursive: true })
  })

  it('leaves no files where the process ends without stopping it', async () => {
    const temporary = await mkdtemp(join(tmpdir(), 'keyspan-'))
    const kit = new URL('../../src/testing/index.ts', import.meta.url).href
    const script = `const { startKeyspan } = await import(${JSON.stringify(kit)})
      await startKeyspan()
      process.exit(3)`
    const options = { env: { ...process.env, TMPDIR: temporary }, encoding: 'utf8' } as const
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], options)
    expect([status, stderr]).toEqual([3, ''])
    expect(await readdir(temporary)).toEqual([])
    await rm(temporary, { recursive: true })
  })

  it('keeps the clock where there are dates', async () => {
    await using keyspan = await startKeyspan()
    const wrong = [1e20, Number.MAX_SAFE_INTEGER, 8.64e15, Number.NaN, Number.POSITIVE_INFINITY, -1, 0.5, '36526d']
    for (const duration of wrong) {
      await expect(keyspan.clock.advance(duration), String(duration)).rejects.toThrow('a hundred years')
    }
    await expect(keyspan.clock.set('2999-01-01')).rejects.toThrow('a hundred years ahead at most')
    await expect(keyspan.clock.set(new Date(8.64e15))).rejects.toThrow('a hundred years ahead at most')
    await keyspan.clock.advance('36500d')
    await expect(keyspan.clock.advance('36500d')).rejects.toThrow('reset() brings it back')
    expect((await keyspan.client(KMSClient).send(new CreateKeyCommand({}))).KeyMetadata?.Enabled).toBe(true)
  })

  it('says in its own words that a port is taken', async () => {
    await using keyspan = await startKeyspan()
    const port = Number(new URL(keyspan.url).port)
    await expect(startKeyspan({ port })).rejects.toThrow(
      `port ${port} cannot be had: another program listens there. Leave port out, and a free one is taken.`,
    )
  })

  it('has a type for what a seed says', () => {
    // What a server exports can be given.
    expectTypeOf<SeedContent>().toExtend<KeyspanSeed>()
    // @ts-expect-error -- the id of an account is a text
    const _wrong: KeyspanSeed = { Accounts: [{ AccountId: 1 }] }
    expectTypeOf<keyof KeyspanSeed>().toEqualTypeOf<keyof SeedContent>()
    expectTypeOf<keyof KeyspanSeedAccount>().toEqualTypeOf<keyof AccountContent>()
    expectTypeOf<keyof KeyspanSeedKey>().toEqualTypeOf<keyof KeyContent>()
    expectTypeOf<keyof KeyspanSeedReplica>().toEqualTypeOf<keyof ReplicaContent>()
    expectTypeOf<keyof KeyspanSeedOrganization>().toEqualTypeOf<keyof OrganizationContent>()
    expectTypeOf<keyof KeyspanSeedUser>().toEqualTypeOf<keyof NonNullable<AccountContent['Users']>[number]>()
    expectTypeOf<keyof KeyspanSeedRole>().toEqualTypeOf<keyof NonNullable<AccountContent['Roles']>[number]>()
    expectTypeOf<keyof KeyspanSeedGrant>().toEqualTypeOf<keyof NonNullable<KeyContent['Grants']>[number]>()
  })

  it('runs many side by side, each of its own', async () => {
    const servers = await Promise.all(Array.from({ length: 20 }, () => startKeyspan()))
    try {
      const ids = await Promise.all(
        servers.map(
          async (keyspan) => (await keyspan.client(KMSClient).send(new CreateKeyCommand({}))).KeyMetadata?.KeyId,
        ),
      )
      expect(new Set(ids).size).toBe(servers.length)
      const [first, second] = servers
      const other = first?.client(KMSClient).send(new DescribeKeyCommand({ KeyId: ids[1] }))
      expect((await refusalOf(other ?? Promise.resolve())).name).toBe('NotFoundException')
      expect(second?.url).not.toBe(first?.url)
    } finally {
      await Promise.all(servers.map((keyspan) => keyspan.stop()))
    }
  })

  it.each([
    [{ regions: ['us-east-9'] }, 'regions has "us-east-9"'],
    [{ seed: { Accounts: [] } }, 'A seed has at least one account.'],
    [
      { seed: { Accounts: [{ AccountId: ACCOUNT, Keyz: [] }] } },
      'seed: Accounts[0].Keyz: There is no such field. Did you mean Keys?',
    ],
    [
      { seed: { Accounts: [{ AccountId: ACCOUNT, Keys: [{ KeyId: KEY }, { KeyId: KEY }] }] } },
      `seed: Accounts[0].Keys[1].KeyId: There is a key ${KEY} of this account already.`,
    ],
    [{ sed: 'x' }, 'startKeyspan() has no option "sed". Did you mean "seed"?'],
    ['seed.yaml', 'startKeyspan() takes an object with seed, regions,'],
    [{ enforcement: 'none' }, 'enforcement cannot be "none". There are enforce, log.'],
    [{ enforcement: 'logs' }, 'enforcement cannot be "logs". Did you mean "log"?'],
    [{ throttle: 'yes' }, 'throttle cannot be "yes". There are off, aws.'],
    [{ log: true }, 'log cannot be true. There are error, warn, info, silent.'],
    [{ port: '7700' }, 'port is no number from 0 to 65535.'],
    [{ regions: 'us-east-1' }, 'regions is no list'],
    [{ credentials: {} }, 'credentials has undefined as accessKeyId'],
    [{ credentials: { accessKeyId: 'test', secretAccessKey: '' } }, 'credentials has no text as secretAccessKey'],
    [{ credentials: { accessKeyID: 'test' } }, 'credentials has no "accessKeyID".'],
    [{ seed: 7 }, 'seed is no seed'],
    [{ seed: '/nowhere/seed.yaml' }, 'The seed /nowhere/seed.yaml cannot be read: there is no such file'],
    [{ seed: new URL('https://example.com/seed.yaml') }, 'The seed https://example.com/seed.yaml cannot be read'],
    [
      {
        seed: { Accounts: [{ AccountId: ACCOUNT, AccessKeys: [{ AccessKeyId: 'test', SecretAccessKey: 'x' }] }] },
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      },
      'seed: Accounts[0].AccessKeys[0].AccessKeyId: The access key test is given as credentials',
    ],
    [
      {
        seed: {
          Accounts: [
            {
              AccountId: ACCOUNT,
              AccessKeys: ['a', 'b'].map((AccessKeyId) => ({ AccessKeyId, SecretAccessKey: 'x' })),
            },
          ],
        },
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      },
      'seed: Accounts[0].AccessKeys: A root user has at most two access keys',
    ],
  ])('says what is wrong with %j', async (options, message) => {
    await expect(startKeyspan(options as KeyspanOptions)).rejects.toThrow(message)
  })
})
