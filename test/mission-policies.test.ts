import { GetRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import {
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetKeyPolicyCommand,
  ListGrantsCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient, refusalOf, untilState } from './clients/kms-client.ts'
import { policyOf, principalsOf, type TestPrincipal, type TestPrincipals } from './clients/principals.ts'
import { askInspector, createAccount } from './control.ts'
import { PUBLISHED } from './policy/published.ts'
import { startTestServer, type TestServer } from './server.ts'

/** The accounts of the published policies. */
const OWNER = '111122223333'
const GUEST = '444455556666'
const THIRD = '123456789012'
const VIRGINIA = 'us-east-1'
const OREGON = 'us-west-2'
const IRELAND = 'eu-west-1'
const PARIS = 'eu-west-3'
const root = (account: string) => `arn:aws:iam::${account}:root`

let server: TestServer
let owner: TestPrincipals
let guest: TestPrincipals
/** The role that the published policies name. */
let administrator: TestPrincipal

beforeAll(async () => {
  server = await startTestServer({ regions: [VIRGINIA, OREGON, IRELAND, PARIS].join() })
  await createAccount(server, GUEST)
  await createAccount(server, THIRD)
  owner = await principalsOf(server, VIRGINIA)
  guest = await principalsOf(server, VIRGINIA, GUEST)
  administrator = await owner.role('Administrator')
})
afterAll(() => server[Symbol.asyncDispose]())

function published(name: string): string {
  const found = PUBLISHED.find((each) => each.name === name)
  if (found === undefined) throw new Error(`no policy "${name}"`)
  return found.text
}

/** What the author of a policy with broken JSON meant: values where there are braces, braces where there are none. */
function corrected(name: string): string {
  return published(name)
    .replace(/"Resource": \{\s*("[^"]*")\s*\}/, '"Resource": $1')
    .replace(/("Bool"|"StringEquals"): ("[^"]*": *(?:true|"[^"]*"))/, '$1: { $2 }')
}

interface Document {
  readonly Statement: object | readonly object[]
}

function statementsOf(text: string): readonly object[] {
  const { Statement } = JSON.parse(text) as Document
  return [Statement].flat() as readonly object[]
}

const allow = (Action: string | readonly string[]) => ({ Effect: 'Allow', Action, Resource: '*' })
const byAccount = { ...allow('kms:*'), Principal: { AWS: root(OWNER) } }
/** A published statement of a key policy, in one that leaves its account in charge. */
const keyPolicyWith = (name: string) => policyOf(byAccount, ...statementsOf(published(name)))

async function createKey(input: { Policy?: string; MultiRegion?: boolean } = {}, region = VIRGINIA, account?: string) {
  const kms = await kmsClient(server, region, account)
  const { KeyMetadata } = await kms.send(new CreateKeyCommand(input))
  return { id: KeyMetadata?.KeyId ?? '', arn: KeyMetadata?.Arn ?? '' }
}

async function replicate(KeyId: string, ReplicaRegion: string, Policy?: string, from = VIRGINIA) {
  const kms = await kmsClient(server, from)
  await kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion, ...(Policy !== undefined && { Policy }) }))
  await untilState(await kmsClient(server, ReplicaRegion), KeyId, 'Enabled')
}

const encrypt = (kms: KMSClient, KeyId: string) => kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))
const describeKey = (kms: KMSClient, KeyId: string) => kms.send(new DescribeKeyCommand({ KeyId }))
const denied = { name: 'AccessDeniedException', status: 400 }
const deniedBecause = (why: string) => ({ ...denied, message: expect.stringContaining(why) })
const explicitly = deniedBecause('with an explicit deny in')

describe('A published identity policy', () => {
  const broken = PUBLISHED.filter(({ kind, brokenAt }) => kind === 'identity' && brokenAt !== undefined)
  const whole = PUBLISHED.filter(({ kind, brokenAt }) => kind === 'identity' && brokenAt === undefined)

  it.each(broken)('is refused where its JSON is broken: $name', async ({ text }) => {
    await expect(owner.user(text)).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
      message: expect.stringContaining('Syntax errors in policy.'),
      $metadata: { httpStatusCode: 400 },
    })
  })

  it.each(broken)('is accepted once its JSON is corrected: $name', async ({ name }) => {
    await owner.user(corrected(name))
  })

  it.each(whole)('is accepted as it is: $name', async ({ text }) => {
    await owner.user(text)
  })
})

describe('"Create multi-Region keys"', () => {
  it('lets a user create an account’s first multi-Region key, with the role that comes with it', async () => {
    const user = await owner.user(published('create multi-Region keys'))
    const { KeyMetadata } = await user.kms(VIRGINIA).send(new CreateKeyCommand({ MultiRegion: true }))
    expect(KeyMetadata?.MultiRegionConfiguration?.MultiRegionKeyType).toBe('PRIMARY')
    const RoleName = 'AWSServiceRoleForKeyManagementServiceMultiRegionKeys'
    expect((await owner.iam.send(new GetRoleCommand({ RoleName }))).Role?.RoleName).toBe(RoleName)
    await user.kms(OREGON).send(new CreateKeyCommand({}))
  })

  it('allows nothing else', async () => {
    const user = await owner.user(published('create multi-Region keys'))
    const { KeyMetadata } = await user.kms(VIRGINIA).send(new CreateKeyCommand({ MultiRegion: true }))
    expect(await refusalOf(encrypt(user.kms(VIRGINIA), KeyMetadata?.KeyId ?? ''))).toMatchObject(denied)
    expect(await refusalOf(user.kms(VIRGINIA).send(new ListKeysCommand({})))).toMatchObject(denied)
  })
})

describe('"Deny creating multi-Region keys"', () => {
  it.each([published('deny creating multi-Region keys'), corrected('deny creating multi-Region keys, as published')])(
    'denies them and leaves single-Region keys alone: %#',
    async (text) => {
      const user = await owner.user(policyOf(allow(['kms:*', 'iam:*']), ...statementsOf(text)))
      await user.kms(VIRGINIA).send(new CreateKeyCommand({ MultiRegion: false }))
      await user.kms(VIRGINIA).send(new CreateKeyCommand({}))
      expect(await refusalOf(user.kms(VIRGINIA).send(new CreateKeyCommand({ MultiRegion: true })))).toMatchObject(
        explicitly,
      )
    },
  )

  it('denies replicas as well, for they are created too', async () => {
    const { id } = await createKey({ MultiRegion: true })
    const user = await owner.user(
      policyOf(allow('kms:*'), ...statementsOf(published('deny creating multi-Region keys'))),
    )
    const asked = user.kms(VIRGINIA).send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: OREGON }))
    expect(await refusalOf(asked)).toMatchObject(explicitly)
  })
})

describe('"Describe and list related keys"', () => {
  const name = 'describe and list related keys, as published'
  const forKey = (text: string, id: string) => text.replace('mrk-1234abcd12ab34cd56ef1234567890ab', id)

  it('never matches with a colon too many', async () => {
    const { id } = await createKey({ MultiRegion: true })
    const user = await owner.user(forKey(corrected(name), id))
    expect(await refusalOf(describeKey(user.kms(VIRGINIA), id))).toMatchObject(denied)
  })

  it('reaches the primary and each replica without it, and neither their use nor what has no key', async () => {
    const { id } = await createKey({ MultiRegion: true })
    await replicate(id, IRELAND)
    const user = await owner.user(forKey(corrected(name), id).replace('::', ':'))
    for (const region of [VIRGINIA, IRELAND]) {
      await describeKey(user.kms(region), id)
      await user.kms(region).send(new ListResourceTagsCommand({ KeyId: id }))
      expect(await refusalOf(encrypt(user.kms(region), id))).toMatchObject(denied)
    }
    const other = await createKey({ MultiRegion: true })
    expect(await refusalOf(describeKey(user.kms(VIRGINIA), other.id))).toMatchObject(denied)
    // `kms:List*` includes it, but what has no key is on `*`.
    expect(await refusalOf(user.kms(VIRGINIA).send(new ListKeysCommand({})))).toMatchObject(denied)
  })
})

describe('"Replicate into three Regions"', () => {
  const put = (KeyId: string, ReplicaRegion: string) =>
    administrator.kms(VIRGINIA).send(new ReplicateKeyCommand({ KeyId, ReplicaRegion }))
  const give = (PolicyDocument: string) =>
    owner.iam.send(new PutRolePolicyCommand({ RoleName: 'Administrator', PolicyName: 'inline', PolicyDocument }))

  it('does not let the role create the replica, which its own policies must allow', async () => {
    const { id } = await createKey({ MultiRegion: true, Policy: keyPolicyWith('replicate into three Regions') })
    expect(await refusalOf(put(id, PARIS))).toMatchObject(
      deniedBecause('kms:CreateKey on resource: * because no identity-based policy allows'),
    )
  })

  it('lets the role replicate into the Regions listed and no others, and do nothing else', async () => {
    await give(policyOf(allow('kms:CreateKey')))
    const { id } = await createKey({ MultiRegion: true, Policy: keyPolicyWith('replicate into three Regions') })
    const elsewhere = 'kms:ReplicateKey on resource: '
    for (const region of [IRELAND, OREGON]) {
      expect(await refusalOf(put(id, region))).toMatchObject(deniedBecause(elsewhere))
    }
    await put(id, PARIS)
    await untilState(await kmsClient(server, PARIS), id, 'Enabled')
    expect(await refusalOf(encrypt(administrator.kms(VIRGINIA), id))).toMatchObject(denied)
  })
})

describe('"Update the primary Region"', () => {
  const update = (KeyId: string, PrimaryRegion: string, who = administrator) =>
    who.kms(VIRGINIA).send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion }))

  it('must be in the policies of both keys', async () => {
    const Policy = keyPolicyWith('update the primary Region')
    const { id } = await createKey({ MultiRegion: true, Policy })
    await replicate(id, IRELAND, policyOf(byAccount))
    expect(await refusalOf(update(id, IRELAND))).toMatchObject(
      deniedBecause(`kms:UpdatePrimaryRegion on resource: arn:aws:kms:${IRELAND}:${OWNER}:key/${id}`),
    )
    const away = await kmsClient(server, IRELAND)
    await away.send(new PutKeyPolicyCommand({ KeyId: id, Policy }))
    const stranger = await owner.user()
    expect(await refusalOf(update(id, IRELAND, stranger))).toMatchObject(denied)
    expect(await refusalOf(encrypt(administrator.kms(VIRGINIA), id))).toMatchObject(denied)
    await update(id, IRELAND)
  })
})

describe('"Update the primary Region to one of three"', () => {
  it.each(['as published', 'as published later'])(
    'lets it move there and nowhere else, corrected: %s',
    async (which) => {
      const user = await owner.user(corrected(`update the primary Region to one of three, ${which}`))
      const { id } = await createKey({ MultiRegion: true })
      await replicate(id, IRELAND)
      await replicate(id, OREGON)
      const update = (PrimaryRegion: string) =>
        user.kms(VIRGINIA).send(new UpdatePrimaryRegionCommand({ KeyId: id, PrimaryRegion }))
      expect(await refusalOf(update(IRELAND))).toMatchObject(denied)
      await update(OREGON)
      expect(await refusalOf(describeKey(user.kms(OREGON), id))).toMatchObject(denied)
    },
  )
})

describe('"Deny all on multi-Region keys"', () => {
  it.each(['as published', 'as published later'])('denies that and nothing else, corrected: %s', async (which) => {
    const text = corrected(`deny all on multi-Region keys, ${which}`)
    const user = await owner.user(policyOf(allow('kms:*'), ...statementsOf(text)))
    const [multi, single] = [await createKey({ MultiRegion: true }), await createKey()]
    await encrypt(user.kms(VIRGINIA), single.id)
    await user.kms(VIRGINIA).send(new ListKeysCommand({}))
    expect(await refusalOf(encrypt(user.kms(VIRGINIA), multi.id))).toMatchObject(explicitly)
    expect(await refusalOf(describeKey(user.kms(VIRGINIA), multi.id))).toMatchObject(explicitly)
  })
})

describe('"Schedule deletion of replicas"', () => {
  it.each(['as published', 'as published later'])(
    'spares primaries and other Regions, corrected: %s',
    async (which) => {
      const user = await owner.user(corrected(`schedule deletion of replicas, ${which}`))
      const schedule = (KeyId: string, region: string) =>
        user.kms(region).send(new ScheduleKeyDeletionCommand({ KeyId }))
      const { id } = await createKey({ MultiRegion: true })
      await replicate(id, OREGON)
      await replicate(id, IRELAND)
      const primary = await createKey({ MultiRegion: true }, OREGON)
      const single = await createKey({}, OREGON)
      expect(await refusalOf(schedule(id, VIRGINIA))).toMatchObject(denied)
      expect(await refusalOf(schedule(id, IRELAND))).toMatchObject(denied)
      expect(await refusalOf(schedule(primary.id, OREGON))).toMatchObject(denied)
      expect(await refusalOf(schedule(single.id, OREGON))).toMatchObject(denied)
      expect((await schedule(id, OREGON)).KeyState).toBe('PendingDeletion')
    },
  )
})

describe('"Restrict replication to two Regions"', () => {
  const Policy = published('restrict replication to two Regions')

  it('is refused while the role that it names does not exist', async () => {
    expect(await refusalOf(createKey({ Policy }, VIRGINIA, THIRD))).toMatchObject({
      name: 'MalformedPolicyDocumentException',
      message: expect.stringContaining('Policy contains a statement with one or more invalid principals.'),
    })
  })

  it('restricts even the root user, and lets the application use the key and not manage it', async () => {
    const application = await (await principalsOf(server, VIRGINIA, THIRD)).role('MyApplicationRole')
    const account = await kmsClient(server, VIRGINIA, THIRD)
    const { id } = await createKey({ Policy, MultiRegion: true }, VIRGINIA, THIRD)
    expect((await account.send(new GetKeyPolicyCommand({ KeyId: id }))).Policy).toContain('Restrict replication to')
    const replicateTo = (ReplicaRegion: string) => account.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion }))
    expect(await refusalOf(replicateTo(OREGON))).toMatchObject(explicitly)
    await replicateTo(IRELAND)

    const kms = application.kms(VIRGINIA)
    const { CiphertextBlob } = await encrypt(kms, id)
    await kms.send(new DecryptCommand({ CiphertextBlob }))
    await kms.send(new GenerateDataKeyCommand({ KeyId: id, KeySpec: 'AES_256' }))
    await kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: id }))
    await describeKey(kms, id)
    expect(await refusalOf(kms.send(new ScheduleKeyDeletionCommand({ KeyId: id })))).toMatchObject(denied)
    expect(await refusalOf(kms.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: OREGON })))).toMatchObject(
      explicitly,
    )
  })
})

describe('"An external account" and "the external side"', () => {
  /** The policy of the external side, for a key that there is. */
  const sideFor = (arn: string) =>
    published('the external side').replace(/arn:aws:kms:us-west-2:111122223333:key\/[0-9a-f-]+/, arn)

  it.each(['an external account', 'an external account, from the console'])(
    'lets its principals use the key as far as their own policies let them: %s',
    async (name) => {
      const { arn } = await createKey({ Policy: keyPolicyWith(name) }, OREGON)
      const without = await guest.user()
      expect(await refusalOf(encrypt(without.kms(OREGON), arn))).toMatchObject(
        deniedBecause('on this resource because no identity-based policy allows the kms:Encrypt action'),
      )
      const kms = (await guest.user(sideFor(arn))).kms(OREGON)
      const { CiphertextBlob } = await encrypt(kms, arn)
      await kms.send(new DecryptCommand({ CiphertextBlob }))
      await kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: arn }))
      await kms.send(new GenerateDataKeyCommand({ KeyId: arn, KeySpec: 'AES_256' }))
      await describeKey(kms, arn)
      expect(await refusalOf(kms.send(new ListGrantsCommand({ KeyId: arn })))).toMatchObject(denied)
      // The root user of the external account needs no policy of its own, but the key policy's actions bind it.
      const rootUser = await kmsClient(server, OREGON, GUEST)
      await encrypt(rootUser, arn)
      expect(await refusalOf(rootUser.send(new ListGrantsCommand({ KeyId: arn })))).toMatchObject(denied)
      const stranger = await kmsClient(server, OREGON, THIRD)
      expect(await refusalOf(encrypt(stranger, arn))).toMatchObject(denied)
    },
  )

  it('is not enough without the other', async () => {
    const { arn } = await createKey({}, OREGON)
    const user = await guest.user(sideFor(arn))
    expect(await refusalOf(encrypt(user.kms(OREGON), arn))).toMatchObject(
      deniedBecause('the resource does not exist in this Region, no resource-based policies allow access'),
    )
  })
})

describe('"An external role"', () => {
  it('is refused while there is no such role, and lets that role alone use the key', async () => {
    const Policy = keyPolicyWith('an external role')
    expect(await refusalOf(createKey({ Policy }, OREGON))).toMatchObject({ name: 'MalformedPolicyDocumentException' })
    const role = await guest.role('ExampleRole', policyOf(allow('kms:*')))
    const other = await guest.role('OtherRole', policyOf(allow('kms:*')))
    const { arn } = await createKey({ Policy }, OREGON)
    await encrypt(role.kms(OREGON), arn)
    expect(await refusalOf(role.kms(OREGON).send(new ListGrantsCommand({ KeyId: arn })))).toMatchObject(denied)
    expect(await refusalOf(encrypt(other.kms(OREGON), arn))).toMatchObject(denied)
    expect(await refusalOf(encrypt(await kmsClient(server, OREGON, GUEST), arn))).toMatchObject(denied)
  })
})

describe('"Grants for services"', () => {
  it('lets nobody create, list or revoke grants who is no service of AWS', async () => {
    const { arn } = await createKey({ Policy: keyPolicyWith('grants for services') })
    const user = await guest.user(policyOf(allow('kms:*')))
    const grant = { KeyId: arn, GranteePrincipal: user.arn, Operations: ['Encrypt' as const] }
    expect(await refusalOf(user.kms(VIRGINIA).send(new CreateGrantCommand(grant)))).toMatchObject(denied)
    expect(await refusalOf(user.kms(VIRGINIA).send(new ListGrantsCommand({ KeyId: arn })))).toMatchObject(denied)
  })

  it('would let one that a user of the external account asks', async () => {
    const { arn } = await createKey({ Policy: keyPolicyWith('grants for services') })
    const user = await guest.user(policyOf(allow('kms:*')))
    const asked = { as: user.arn, key: arn, region: VIRGINIA, context: { 'kms:GrantIsForAWSResource': 'true' } }
    const input = { GranteePrincipal: user.arn }
    expect(await askInspector(server, '/hypothesis', { ...asked, operation: 'CreateGrant', input })).toMatch(/^ALLOWED/)
    expect(await askInspector(server, '/hypothesis', { ...asked, operation: 'Encrypt' })).toMatch(/^REFUSED/)
  })
})
