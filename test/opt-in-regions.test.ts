import { AccountClient, DisableRegionCommand, EnableRegionCommand } from '@aws-sdk/client-account'
import {
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  ListKeysCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  UpdatePrimaryRegionCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { CreateAccountCommand, CreateOrganizationCommand, OrganizationsClient } from '@aws-sdk/client-organizations'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient, refusalOf, untilState } from './clients/kms-client.ts'
import { policyOf } from './clients/principals.ts'
import { advanceClock, askInspector, createAccount } from './control.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'

const OWNER = '111122223333'
const GUEST = '444455556666'
const MILAN = 'eu-south-1'
const ZURICH = 'eu-central-2'

let server: TestServer
/** An account that its organization has made: it begins without opt-in Regions, as in AWS. */
let member: string

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY},${MILAN}` })
  const credentials = await server.credentials()
  const organizations = new OrganizationsClient({ region: HOME, endpoint: server.url, credentials })
  await organizations.send(new CreateOrganizationCommand({}))
  const request = new CreateAccountCommand({ AccountName: 'member', Email: 'member@example.com' })
  member = (await organizations.send(request)).CreateAccountStatus?.AccountId ?? ''
  await createAccount(server, member)
})
afterAll(() => server[Symbol.asyncDispose]())

/** Asked in the opt-in Region itself: what belongs to no Region is within reach of every account. */
async function accountClient(id?: string): Promise<AccountClient> {
  const credentials = await server.credentials(id)
  return new AccountClient({ region: MILAN, endpoint: server.url, credentials, maxAttempts: 1 })
}

async function enable(RegionName: string, id?: string): Promise<void> {
  await (await accountClient(id)).send(new EnableRegionCommand({ RegionName }))
}

async function disable(RegionName: string, id?: string): Promise<void> {
  await (await accountClient(id)).send(new DisableRegionCommand({ RegionName }))
}

const listKeys = (kms: KMSClient) => kms.send(new ListKeysCommand({}))
const encrypt = (kms: KMSClient, KeyId: string) => kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))

async function decrypt(kms: KMSClient, CiphertextBlob: Uint8Array | undefined): Promise<string> {
  const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }))
  return Buffer.from(Plaintext ?? []).toString()
}

async function createKey(kms: KMSClient, input: { MultiRegion?: boolean; Policy?: string } = {}) {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand(input))
  return { id: KeyMetadata?.KeyId ?? '', arn: KeyMetadata?.Arn ?? '' }
}

describe('An opt-in Region', () => {
  it('that the server was started with is enabled for the accounts that it makes', async () => {
    await listKeys(await kmsClient(server, MILAN))
    await createAccount(server, GUEST)
    await listKeys(await kmsClient(server, MILAN, GUEST))
  })

  it('can be the only one that is served', async () => {
    await using only = await startTestServer({ regions: MILAN })
    const kms = await kmsClient(only, MILAN)
    await encrypt(kms, (await createKey(kms)).id)
  })

  it('refuses the credentials of an account that has not enabled it, and no other Region does', async () => {
    const kms = await kmsClient(server, MILAN, member)
    const refusal = {
      name: 'UnrecognizedClientException',
      message:
        'The security token included in the request is invalid. ' +
        `The Region ${MILAN} is not enabled for account ${member}: aws account enable-region --region-name ${MILAN}`,
      status: 400,
    }
    expect(await refusalOf(listKeys(kms))).toEqual(refusal)
    await listKeys(await kmsClient(server, HOME, member))
    const credentials = await server.credentials(member)
    await new STSClient({ region: MILAN, endpoint: server.url, credentials }).send(new GetCallerIdentityCommand({}))

    await enable(MILAN, member)
    await listKeys(kms)
    await disable(MILAN, member)
    expect(await refusalOf(listKeys(kms))).toEqual(refusal)
  })

  it('tells nothing to a signature that is wrong', async () => {
    const { accessKeyId } = await server.credentials(member)
    const kms = await kmsClient(server, MILAN, member)
    kms.config.credentials = async () => ({ accessKeyId, secretAccessKey: 'wrong' })
    expect((await refusalOf(listKeys(kms))).name).toBe('InvalidSignatureException')
  })
})

describe('The permissions of another account', () => {
  it('count only where that account has enabled the Region', async () => {
    const owner = await kmsClient(server, MILAN)
    const Principal = { AWS: [`arn:aws:iam::${OWNER}:root`, `arn:aws:iam::${member}:root`] }
    const key = await createKey(owner, {
      Policy: policyOf({ Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' }),
    })
    const kms = await kmsClient(server, MILAN, member)
    expect((await refusalOf(encrypt(kms, key.arn))).name).toBe('UnrecognizedClientException')

    const asked = { as: `arn:aws:iam::${member}:root`, operation: 'Encrypt', key: key.arn, region: MILAN, context: {} }
    const why = await askInspector(server, '/hypothesis', asked)
    expect(why).toContain(`Account ${member} has not enabled ${MILAN}`)
    expect(why).toContain(`aws account enable-region --region-name ${MILAN}`)

    await enable(MILAN, member)
    await encrypt(kms, key.arn)
    expect(await askInspector(server, '/hypothesis', asked)).toMatch(/^ALLOWED/)
    await disable(MILAN, member)
  })

  it('count in a Region that the key’s own account has disabled', async () => {
    const owner = await kmsClient(server, MILAN)
    const Principal = { AWS: [`arn:aws:iam::${OWNER}:root`, `arn:aws:iam::${GUEST}:root`] }
    const key = await createKey(owner, {
      Policy: policyOf({ Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' }),
    })
    await disable(MILAN)
    expect((await refusalOf(encrypt(owner, key.id))).name).toBe('UnrecognizedClientException')
    await encrypt(await kmsClient(server, MILAN, GUEST), key.arn)
    await enable(MILAN)
    await encrypt(owner, key.id)
  })
})

describe('A multi-Region key', () => {
  it('is not replicated to a Region that its account has not enabled', async () => {
    const home = await kmsClient(server, HOME, member)
    const { id } = await createKey(home, { MultiRegion: true })
    const replicate = () => home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: MILAN }))
    expect(await refusalOf(replicate())).toEqual({
      name: 'ValidationException',
      message: `Region ${MILAN} is not enabled for account ${member}. Enable it first.`,
      status: 400,
    })
    await enable(MILAN, member)
    await replicate()
    await untilState(await kmsClient(server, MILAN, member), id, 'Enabled')
    await disable(MILAN, member)
  })

  it('is kept alike where its account has disabled the Region meanwhile, and used there when it is enabled again', async () => {
    const home = await kmsClient(server, HOME)
    const milan = await kmsClient(server, MILAN)
    const { id } = await createKey(home, { MultiRegion: true })
    await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: MILAN }))
    await disable(MILAN)
    await home.send(new RotateKeyOnDemandCommand({ KeyId: id }))
    await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }))
    await advanceClock(server, '1s')
    const { CiphertextBlob } = await encrypt(home, id)
    expect((await refusalOf(decrypt(milan, CiphertextBlob))).name).toBe('UnrecognizedClientException')

    const handOver = home.send(new UpdatePrimaryRegionCommand({ KeyId: id, PrimaryRegion: MILAN }))
    const why = await askInspector(server, '/explain', { id: await requestIdOf(handOver) })
    expect(why).toContain(`has not enabled ${MILAN}`)

    await enable(MILAN)
    expect(await decrypt(milan, CiphertextBlob)).toBe('x')
    expect(await decrypt(home, (await encrypt(milan, id)).CiphertextBlob)).toBe('x')
    await home.send(new UpdatePrimaryRegionCommand({ KeyId: id, PrimaryRegion: MILAN }))
  })
})

async function requestIdOf(request: Promise<unknown>): Promise<string> {
  const refusal = await request.then(
    () => null,
    (error: unknown) => error as { name: string; $metadata: { requestId?: string } },
  )
  expect(refusal?.name).toBe('AccessDeniedException')
  return refusal?.$metadata.requestId ?? ''
}

describe('Starting the server again', () => {
  it('with another opt-in Region enables it for the accounts that there are', async () => {
    await server.restart({ regions: [HOME, AWAY, MILAN, ZURICH].join(',') })
    await listKeys(await kmsClient(server, ZURICH))
    await listKeys(await kmsClient(server, ZURICH, member))
  })

  it('leaves alone what an account has switched off', async () => {
    await disable(ZURICH, GUEST)
    await server.restart({ regions: [HOME, AWAY, MILAN, ZURICH].join(',') })
    const refusal = await refusalOf(listKeys(await kmsClient(server, ZURICH, GUEST)))
    expect(refusal.name).toBe('UnrecognizedClientException')
    expect((await refusalOf(listKeys(await kmsClient(server, MILAN, member)))).name).toBe('UnrecognizedClientException')
  })
})
