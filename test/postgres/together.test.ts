import * as iam from '@aws-sdk/client-iam'
import * as kms from '@aws-sdk/client-kms'
import * as org from '@aws-sdk/client-organizations'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askControl, createAccount } from '../control.ts'
import { credentialsIn, HOME } from '../server.ts'
import { answeredItself, recordsOf, startTogether, untilItself, untilRole, type Member, type Pair } from './pair.ts'
import { POSTGRES_BIN, sharedPostgres } from './postgres.ts'

const ACCOUNT = '111122223333'
const OTHER = '444455556666'
const ROUNDS = 4
const Plaintext = Buffer.from('kept')

interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

let pair: Pair
let leader: Member
let follower: Member
let root: Credentials
let member: Credentials
let keys: Readonly<Record<'one' | 'other', string>>

const kmsAt = ({ url }: Member, credentials = root) =>
  new kms.KMSClient({ region: HOME, endpoint: url, credentials, maxAttempts: 1 })
const iamAt = ({ url }: Member) => new iam.IAMClient({ region: HOME, endpoint: url, credentials: root, maxAttempts: 1 })
const orgAt = ({ url }: Member, credentials = root) =>
  new org.OrganizationsClient({ region: HOME, endpoint: url, credentials, maxAttempts: 1 })

/** What becomes of a request: a word. */
async function outcome(request: Promise<unknown>): Promise<string> {
  return request.then(
    () => 'done',
    (error: unknown) => (error as Error).name,
  )
}

async function newKey(credentials = root): Promise<string> {
  const { KeyMetadata } = await kmsAt(leader, credentials).send(new kms.CreateKeyCommand({}))
  return KeyMetadata?.KeyId ?? ''
}

async function newUser(UserName: string): Promise<Credentials> {
  await iamAt(leader).send(new iam.CreateUserCommand({ UserName }))
  return newAccessKey(UserName)
}

async function newAccessKey(UserName: string): Promise<Credentials> {
  const { AccessKey } = await iamAt(leader).send(new iam.CreateAccessKeyCommand({ UserName }))
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
}

const encryptAt = (at: Member, KeyId: string, credentials = root) =>
  kmsAt(at, credentials).send(new kms.EncryptCommand({ KeyId, Plaintext }))

const allowed = (Action: string, more: object = {}) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*', ...more }] })

/** Something that can be taken away and given back, and is asked for. */
interface Kind {
  readonly take: (at: Member) => Promise<unknown>
  readonly give: (at: Member) => Promise<unknown>
  readonly ask: (at: Member) => Promise<unknown>
  readonly refusal: string
}

const KINDS: Readonly<Record<string, () => Promise<Kind>>> = {
  async 'a key that is disabled'() {
    const KeyId = await newKey()
    return {
      take: (at) => kmsAt(at).send(new kms.DisableKeyCommand({ KeyId })),
      give: (at) => kmsAt(at).send(new kms.EnableKeyCommand({ KeyId })),
      ask: (at) => encryptAt(at, KeyId),
      refusal: 'DisabledException',
    }
  },
  async 'a key that is to be deleted'() {
    const KeyId = await newKey()
    return {
      take: (at) => kmsAt(at).send(new kms.ScheduleKeyDeletionCommand({ KeyId })),
      async give(at) {
        await kmsAt(at).send(new kms.CancelKeyDeletionCommand({ KeyId }))
        await kmsAt(at).send(new kms.EnableKeyCommand({ KeyId }))
      },
      ask: (at) => encryptAt(at, KeyId),
      refusal: 'KMSInvalidStateException',
    }
  },
  async 'a key policy'() {
    const KeyId = await newKey()
    const user = await newUser('in-a-policy')
    const put = (at: Member, names: readonly string[]) => {
      const AWS = names.map((name) => `arn:aws:iam::${ACCOUNT}:${name}`)
      const Policy = allowed('kms:*', { Principal: { AWS } })
      return kmsAt(at).send(new kms.PutKeyPolicyCommand({ KeyId, Policy }))
    }
    await put(leader, ['root', 'user/in-a-policy'])
    return {
      take: (at) => put(at, ['root']),
      give: (at) => put(at, ['root', 'user/in-a-policy']),
      ask: (at) => encryptAt(at, KeyId, user),
      refusal: 'AccessDeniedException',
    }
  },
  'a grant that is revoked': () =>
    grantKind('revoked', (key, GrantId) => new kms.RevokeGrantCommand({ ...key, GrantId })),
  'a grant that is retired': () =>
    grantKind('retired', (key, GrantId) => new kms.RetireGrantCommand({ ...key, GrantId })),
  async 'an access key that is inactive'() {
    const user = await newUser('inactive')
    await iamAt(leader).send(policyOf('inactive'))
    const update = (at: Member, Status: iam.StatusType) =>
      iamAt(at).send(new iam.UpdateAccessKeyCommand({ UserName: 'inactive', AccessKeyId: user.accessKeyId, Status }))
    return {
      take: (at) => update(at, 'Inactive'),
      give: (at) => update(at, 'Active'),
      ask: (at) => encryptAt(at, keys.one, user),
      refusal: 'UnrecognizedClientException',
    }
  },
  async 'an access key that is deleted'() {
    let user = await newUser('deleted')
    await iamAt(leader).send(policyOf('deleted'))
    return {
      take: (at) =>
        iamAt(at).send(new iam.DeleteAccessKeyCommand({ UserName: 'deleted', AccessKeyId: user.accessKeyId })),
      async give() {
        user = await newAccessKey('deleted')
      },
      ask: (at) => encryptAt(at, keys.one, user),
      refusal: 'UnrecognizedClientException',
    }
  },
  async 'a policy of a user'() {
    const user = await newUser('with-a-policy')
    await iamAt(leader).send(policyOf('with-a-policy'))
    return {
      take: (at) => iamAt(at).send(new iam.DeleteUserPolicyCommand({ UserName: 'with-a-policy', PolicyName: 'kms' })),
      give: (at) => iamAt(at).send(policyOf('with-a-policy')),
      ask: (at) => encryptAt(at, keys.one, user),
      refusal: 'AccessDeniedException',
    }
  },
  async 'what a service control policy denies'() {
    const KeyId = await newKey(member)
    const Content = allowed('kms:Encrypt').replace('Allow', 'Deny')
    const { Policy } = await orgAt(leader).send(
      new org.CreatePolicyCommand({ Type: 'SERVICE_CONTROL_POLICY', Name: 'no', Description: '', Content }),
    )
    const place = { PolicyId: Policy?.PolicySummary?.Id, TargetId: OTHER }
    return {
      take: (at) => orgAt(at).send(new org.AttachPolicyCommand(place)),
      give: (at) => orgAt(at).send(new org.DetachPolicyCommand(place)),
      ask: (at) => encryptAt(at, KeyId, member),
      refusal: 'AccessDeniedException',
    }
  },
}

function policyOf(UserName: string): iam.PutUserPolicyCommand {
  return new iam.PutUserPolicyCommand({ UserName, PolicyName: 'kms', PolicyDocument: allowed('kms:*') })
}

async function grantKind(
  name: string,
  end: (key: { KeyId: string }, GrantId: string) => kms.RevokeGrantCommand | kms.RetireGrantCommand,
): Promise<Kind> {
  const KeyId = await newKey()
  const { KeyMetadata } = await kmsAt(leader).send(new kms.DescribeKeyCommand({ KeyId }))
  const user = await newUser(name)
  const GranteePrincipal = `arn:aws:iam::${ACCOUNT}:user/${name}`
  let grant = ''
  const give = async (at: Member) => {
    const made = new kms.CreateGrantCommand({ KeyId, GranteePrincipal, Operations: ['Encrypt'] })
    grant = (await kmsAt(at).send(made)).GrantId ?? ''
  }
  await give(leader)
  return {
    take: (at) => kmsAt(at).send(end({ KeyId: KeyMetadata?.Arn ?? '' }, grant) as kms.RevokeGrantCommand),
    give,
    ask: (at) => encryptAt(at, KeyMetadata?.Arn ?? '', user),
    refusal: 'AccessDeniedException',
  }
}

async function beginOrganization(): Promise<void> {
  await createAccount({ path: leader.process.path }, OTHER)
  member = await credentialsIn(leader.process.path, OTHER)
  await orgAt(leader).send(new org.CreateOrganizationCommand({ FeatureSet: 'ALL' }))
  const { Roots } = await orgAt(leader).send(new org.ListRootsCommand({}))
  const RootId = Roots?.[0]?.Id
  await orgAt(leader).send(new org.EnablePolicyTypeCommand({ RootId, PolicyType: 'SERVICE_CONTROL_POLICY' }))
  const invite = new org.InviteAccountToOrganizationCommand({ Target: { Id: OTHER, Type: 'ACCOUNT' } })
  const { Handshake } = await orgAt(leader).send(invite)
  await orgAt(leader, member).send(new org.AcceptHandshakeCommand({ HandshakeId: Handshake?.Id }))
}

describe.skipIf(POSTGRES_BIN === null)('Two processes that serve one Region together', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    pair = await startTogether(await (await sharedPostgres()).newDatabase())
    ;({ one: leader, other: follower } = pair)
    // It is ready when it leads.
    follower.process.start().catch(() => {})
    await untilRole(follower, 'follower')
    root = await leader.process.credentials()
    keys = { one: await newKey(), other: await newKey() }
    await beginOrganization()
    await untilItself(follower, () => encryptAt(follower, keys.one))
  })
  afterAll(() => pair[Symbol.asyncDispose]())

  it.each(Object.entries(KINDS))('know at once of %s, whichever of them was asked', async (_name, make) => {
    const { take, give, ask, refusal } = await make()
    for (let round = 0; round < ROUNDS; round += 1) {
      const changed = round % 2 === 0 ? leader : follower
      for (const at of [follower, leader, follower]) expect(await outcome(ask(at))).toBe('done')
      await take(changed)
      for (const at of [follower, leader]) expect(await outcome(ask(at))).toBe(refusal)
      await give(changed)
      expect(await outcome(ask(follower))).toBe('done')
    }
  })

  it('know at once where an alias leads, and which material is current', async () => {
    const AliasName = 'alias/moved'
    await kmsAt(leader).send(new kms.CreateAliasCommand({ AliasName, TargetKeyId: keys.one }))
    for (const TargetKeyId of [keys.other, keys.one, keys.other]) {
      await encryptAt(follower, AliasName)
      await kmsAt(leader).send(new kms.UpdateAliasCommand({ AliasName, TargetKeyId }))
      expect((await encryptAt(follower, AliasName)).KeyId).toContain(TargetKeyId)
    }
    const current = async (at: Member) => {
      const made = new kms.GenerateDataKeyCommand({ KeyId: keys.one, KeySpec: 'AES_256' })
      return (await kmsAt(at).send(made)).KeyMaterialId
    }
    for (let rotation = 0; rotation < 3; rotation += 1) {
      const before = await current(follower)
      await kmsAt(leader).send(new kms.RotateKeyOnDemandCommand({ KeyId: keys.one }))
      expect(await current(follower)).not.toBe(before)
      expect(await current(follower)).toBe(await current(leader))
    }
  })

  it('know at once what the other has made, and open what the other has sealed', async () => {
    for (const [one, other] of [
      [leader, follower],
      [follower, leader],
    ] as const) {
      const { KeyMetadata } = await kmsAt(one).send(new kms.CreateKeyCommand({ KeySpec: 'SYMMETRIC_DEFAULT' }))
      const KeyId = KeyMetadata?.KeyId ?? ''
      expect((await kmsAt(other).send(new kms.DescribeKeyCommand({ KeyId }))).KeyMetadata).toEqual(KeyMetadata)
      const { CiphertextBlob } = await encryptAt(one, KeyId)
      const { Plaintext: opened } = await kmsAt(other).send(new kms.DecryptCommand({ CiphertextBlob }))
      expect(Buffer.from(opened ?? [])).toEqual(Plaintext)
    }
  })

  it('make a key that comes into being when it is first described, once, also where the follower is asked', async () => {
    const describe = (at: Member) => kmsAt(at).send(new kms.DescribeKeyCommand({ KeyId: 'alias/aws/s3' }))
    const found = [await describe(follower), await describe(leader)]
    expect(found[0]?.KeyMetadata).toEqual(found[1]?.KeyMetadata)
  })

  it('judge requests that are passed on by the address that they came from, and by nothing that they say', async () => {
    const user = await newUser('from-here')
    const document = (address: string) => allowed('kms:*', { Condition: { IpAddress: { 'aws:SourceIp': address } } })
    const put = (address: string) =>
      iamAt(leader).send(
        new iam.PutUserPolicyCommand({ UserName: 'from-here', PolicyName: 'kms', PolicyDocument: document(address) }),
      )
    const create = () => outcome(kmsAt(follower, user).send(new kms.CreateKeyCommand({})))
    await put('127.0.0.0/8')
    expect(await create()).toBe('done')
    await put('10.0.0.0/8')
    expect(await create()).toBe('AccessDeniedException')
    expect(await outcome(encryptAt(follower, keys.one, user))).toBe('AccessDeniedException')
  })

  it('have one log: what the follower has answered, refusals and last uses are known to the leader', async () => {
    const KeyId = await newKey()
    const user = await newUser('nobody')
    expect(await answeredItself(follower, () => encryptAt(follower, KeyId))).toBe(true)
    const refused = await fetch(follower.url)
    expect(refused.status).toBe(400)
    expect(await outcome(encryptAt(follower, KeyId, user))).toBe('AccessDeniedException')
    const records = () => recordsOf(leader).then((texts) => texts.filter((text) => text.includes(KeyId)))
    await expect
      .poll(records)
      .toEqual([
        expect.stringContaining('"CreateKey"'),
        expect.stringContaining('"Encrypt"'),
        expect.stringContaining('AccessDenied'),
      ])
    const lastUse = async () => {
      const { KeyLastUsage } = await kmsAt(follower).send(new kms.GetKeyLastUsageCommand({ KeyId }))
      return KeyLastUsage?.Operation
    }
    await expect.poll(lastUse, { timeout: 5000 }).toBe('Encrypt')
  })

  it('go on together under other domain keys', async () => {
    const KeyId = await newKey()
    const { CiphertextBlob } = await encryptAt(follower, KeyId)
    await askControl(leader.process, '/keyring/domain', {})
    await kmsAt(follower).send(new kms.DecryptCommand({ CiphertextBlob }))
    const late = await newKey()
    for (const at of [follower, leader]) await encryptAt(at, late)
    await untilItself(follower, () => encryptAt(follower, late))
  })

  it('say which of them leads', async () => {
    const status = async ({ url }: Member) => (await fetch(`${url}/health/leader`)).status
    expect([await status(leader), await status(follower)]).toEqual([200, 503])
  })
})
