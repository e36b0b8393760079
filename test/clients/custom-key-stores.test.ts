import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import {
  ConnectCustomKeyStoreCommand,
  CreateCustomKeyStoreCommand,
  DeleteCustomKeyStoreCommand,
  DescribeCustomKeyStoresCommand,
  DisconnectCustomKeyStoreCommand,
  KMSClient,
  UpdateCustomKeyStoreCommand,
  type CreateCustomKeyStoreCommandInput,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditLog } from '../audit-log.ts'
import { HOME, startTestServer, type TestServer } from '../server.ts'
import { kmsClient, refusalOf } from './kms-client.ts'

const CustomKeyStoreId = 'cks-1234567890abcdef0'
const PASSWORD = 'a password of nobody else'
const SECRET = `aSecretOfNobodyElse${'s'.repeat(30)}`
const XKS: CreateCustomKeyStoreCommandInput = {
  CustomKeyStoreName: 'name',
  CustomKeyStoreType: 'EXTERNAL_KEY_STORE',
  XksProxyConnectivity: 'PUBLIC_ENDPOINT',
  XksProxyUriEndpoint: 'https://proxy.example.com',
  XksProxyUriPath: '/prefix/kms/xks/v1',
  XksProxyAuthenticationCredential: { AccessKeyId: 'ABCDEFGHIJKLMNOPQRSTU', RawSecretAccessKey: SECRET },
}
const CLOUDHSM: CreateCustomKeyStoreCommandInput = {
  CustomKeyStoreName: 'name',
  CloudHsmClusterId: 'cluster-abcdefghijk',
  KeyStorePassword: PASSWORD,
  TrustAnchorCertificate: 'certificate',
}

let server: TestServer
let kms: KMSClient

beforeAll(async () => {
  server = await startTestServer({ regions: HOME })
  kms = await kmsClient(server, HOME)
})
afterAll(() => server[Symbol.asyncDispose]())

const create = (input: CreateCustomKeyStoreCommandInput) => kms.send(new CreateCustomKeyStoreCommand(input))
const everyOperation = (client: KMSClient) => ({
  ConnectCustomKeyStore: () => client.send(new ConnectCustomKeyStoreCommand({ CustomKeyStoreId })),
  CreateCustomKeyStore: () => client.send(new CreateCustomKeyStoreCommand(CLOUDHSM)),
  DeleteCustomKeyStore: () => client.send(new DeleteCustomKeyStoreCommand({ CustomKeyStoreId })),
  DisconnectCustomKeyStore: () => client.send(new DisconnectCustomKeyStoreCommand({ CustomKeyStoreId })),
  UpdateCustomKeyStore: () => client.send(new UpdateCustomKeyStoreCommand({ CustomKeyStoreId })),
})

async function userWho(UserName: string, ...statements: readonly object[]): Promise<KMSClient> {
  const iam = new IAMClient({ region: HOME, endpoint: server.url, credentials: await server.credentials() })
  await iam.send(new CreateUserCommand({ UserName }))
  if (statements.length > 0) {
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements })
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument }))
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
  const credentials = {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  }
  return new KMSClient({ region: HOME, endpoint: server.url, credentials, maxAttempts: 1 })
}

describe('An operation on custom key stores', () => {
  it('is refused with a sentence that says that there are none', async () => {
    const { CreateCustomKeyStore: make, ...others } = everyOperation(kms)
    for (const send of Object.values(others)) {
      expect(await refusalOf(send())).toEqual({
        name: 'CustomKeyStoreNotFoundException',
        message: `Custom key store ${CustomKeyStoreId} is not found: this server has no custom key stores.`,
        status: 400,
      })
    }
    for (const send of [make, () => create(XKS)]) {
      expect(await refusalOf(send())).toMatchObject({
        name: 'UnsupportedOperationException',
        message: 'Custom key stores are not supported by this server. Its keys are in its own store.',
      })
    }
  })

  it('needs its permission first, which IAM alone gives', async () => {
    const stranger = await userWho('stranger')
    const requests = [
      ...Object.values(everyOperation(stranger)),
      () => stranger.send(new DescribeCustomKeyStoresCommand({})),
    ]
    for (const send of requests) expect(await refusalOf(send())).toMatchObject({ name: 'AccessDeniedException' })
    const statement = (account: string) => ({
      Effect: 'Allow',
      Action: 'kms:*CustomKeyStore*',
      Resource: '*',
      Condition: { StringEquals: { 'kms:CallerAccount': account } },
    })
    const allowed = await userWho('allowed', statement('111122223333'))
    const other = await userWho('other', statement('444455556666'))
    expect((await allowed.send(new DescribeCustomKeyStoresCommand({}))).CustomKeyStores).toEqual([])
    const connect = (client: KMSClient) =>
      refusalOf(client.send(new ConnectCustomKeyStoreCommand({ CustomKeyStoreId })))
    expect(await connect(allowed)).toMatchObject({ name: 'CustomKeyStoreNotFoundException' })
    expect(await connect(other)).toMatchObject({ name: 'AccessDeniedException' })
  })

  it.each<[keyof CreateCustomKeyStoreCommandInput, CreateCustomKeyStoreCommandInput, string]>([
    ['CustomKeyStoreName', { ...XKS, CustomKeyStoreName: '' }, 'length greater than or equal to 1'],
    ['CustomKeyStoreName', { ...XKS, CustomKeyStoreName: 'n'.repeat(257) }, 'length less than or equal to 256'],
    ['CloudHsmClusterId', { ...CLOUDHSM, CloudHsmClusterId: 'cluster-abcdefghij1' }, 'regular expression'],
    ['CloudHsmClusterId', { ...CLOUDHSM, CloudHsmClusterId: 'cluster-ab' }, 'length greater than or equal to 19'],
    ['TrustAnchorCertificate', { ...CLOUDHSM, TrustAnchorCertificate: 'c'.repeat(5001) }, 'less than or equal to 5000'],
    ['KeyStorePassword', { ...CLOUDHSM, KeyStorePassword: 'secret' }, 'length greater than or equal to 7'],
    ['CustomKeyStoreType', { ...XKS, CustomKeyStoreType: 'OTHER' as 'AWS_CLOUDHSM' }, 'enum value set'],
    ['XksProxyConnectivity', { ...XKS, XksProxyConnectivity: 'OTHER' as 'PUBLIC_ENDPOINT' }, 'enum value set'],
    ['XksProxyUriEndpoint', { ...XKS, XksProxyUriEndpoint: 'http://proxy.example.com' }, 'regular expression'],
    ['XksProxyUriPath', { ...XKS, XksProxyUriPath: '/prefix/kms/xks' }, 'regular expression'],
    [
      'XksProxyVpcEndpointServiceName',
      { ...XKS, XksProxyVpcEndpointServiceName: 's'.repeat(20) },
      'regular expression',
    ],
    ['XksProxyVpcEndpointServiceOwner', { ...XKS, XksProxyVpcEndpointServiceOwner: '1111' }, 'length'],
  ])('checks %s of %j', async (member, input, message) => {
    const refusal = await refusalOf(create(input))
    expect(refusal).toMatchObject({ name: 'ValidationException', status: 400 })
    expect(refusal.message).toContain(`at '${member.charAt(0).toLowerCase()}${member.slice(1)}'`)
    expect(refusal.message).toContain(message)
  })

  it('checks an id', async () => {
    const request = kms.send(new ConnectCustomKeyStoreCommand({ CustomKeyStoreId: 'i'.repeat(65) }))
    expect(await refusalOf(request)).toMatchObject({ name: 'ValidationException' })
  })

  it('puts neither a password nor a credential into a message or a record', async () => {
    await refusalOf(create(XKS))
    await refusalOf(create(CLOUDHSM))
    const short = { ...CLOUDHSM, KeyStorePassword: 'hush' }
    const wrong = { AccessKeyId: 'access key 1', RawSecretAccessKey: `!${SECRET}` }
    expect((await refusalOf(create(short))).message).toContain("Value at 'keyStorePassword' failed")
    const { message } = await refusalOf(create({ ...XKS, XksProxyAuthenticationCredential: wrong }))
    expect(message).toContain("Value at 'xksProxyAuthenticationCredential.rawSecretAccessKey' failed")
    const records = await auditLog(server, HOME)
    expect(records).toContain('"customKeyStoreName":"name"')
    expect(records).toContain("Value at 'keyStorePassword' failed")
    for (const secret of [PASSWORD, SECRET, 'hush', 'access key 1', 'ABCDEFGHIJKLMNOPQRSTU']) {
      expect(records + message).not.toContain(secret)
    }
  })
})

describe('DescribeCustomKeyStores', () => {
  it('answers an empty list', async () => {
    expect(await kms.send(new DescribeCustomKeyStoresCommand({ Limit: 1000 }))).toMatchObject({
      CustomKeyStores: [],
      Truncated: false,
    })
  })

  it('finds none by id or by name', async () => {
    for (const asked of [{ CustomKeyStoreId }, { CustomKeyStoreName: 'name' }]) {
      expect(await refusalOf(kms.send(new DescribeCustomKeyStoresCommand(asked)))).toMatchObject({
        name: 'CustomKeyStoreNotFoundException',
        status: 400,
      })
    }
  })

  it.each([
    [{ CustomKeyStoreId, CustomKeyStoreName: 'name' }, 'ValidationException'],
    [{ Limit: 1001 }, 'ValidationException'],
    [{ Limit: 0 }, 'ValidationException'],
    [{ Marker: 'made up' }, 'InvalidMarkerException'],
  ])('refuses %j with %s', async (input, name) => {
    expect(await refusalOf(kms.send(new DescribeCustomKeyStoresCommand(input)))).toMatchObject({ name })
  })
})
