import { CreateUserCommand, CreateAccessKeyCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import {
  CreateKeyCommand,
  DecryptCommand,
  DisableKeyCommand,
  EncryptCommand,
  KMSClient,
  ReEncryptCommand,
  type DecryptCommandInput,
  type ReEncryptCommandInput,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOME, startTestServer, type TestServer } from '../server.ts'
import { kmsClient, refusalOf } from './kms-client.ts'

let server: TestServer
let kms: KMSClient
let KeyId: string

beforeAll(async () => {
  server = await startTestServer({ regions: HOME })
  kms = await kmsClient(server, HOME)
  KeyId = await createKey()
})
afterAll(() => server[Symbol.asyncDispose]())

async function createKey(): Promise<string> {
  return (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? ''
}

/** A client for a user of the account who may decrypt. */
async function decrypter(): Promise<KMSClient> {
  const iam = new IAMClient({ region: HOME, endpoint: server.url, credentials: await server.credentials() })
  const UserName = 'decrypter'
  await iam.send(new CreateUserCommand({ UserName }))
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'kms:Decrypt', Resource: KeyId }],
  })
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument }))
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
  const credentials = {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  }
  return new KMSClient({ region: HOME, endpoint: server.url, credentials, maxAttempts: 1 })
}

const modifiers: Pick<DecryptCommandInput, 'DryRun' | 'DryRunModifiers'> = {
  DryRun: true,
  DryRunModifiers: ['IGNORE_CIPHERTEXT'],
}
const decrypt = (input: DecryptCommandInput, client = kms) => refusalOf(client.send(new DecryptCommand(input)))
const reEncrypt = (input: Omit<ReEncryptCommandInput, 'DestinationKeyId'>, DestinationKeyId = KeyId) =>
  refusalOf(kms.send(new ReEncryptCommand({ ...input, DestinationKeyId })))

const succeeded = {
  name: 'DryRunOperationException',
  message: 'The request would have succeeded, but the DryRun option is set.',
  status: 400,
}

describe('IGNORE_CIPHERTEXT', () => {
  it('lets a dry run do without a ciphertext', async () => {
    expect(await decrypt({ KeyId, ...modifiers })).toEqual(succeeded)
    expect(await reEncrypt({ SourceKeyId: KeyId, ...modifiers })).toEqual(succeeded)
  })

  it('lets a dry run have any ciphertext', async () => {
    const CiphertextBlob = Buffer.from('not a ciphertext')
    expect(await decrypt({ KeyId, CiphertextBlob, ...modifiers })).toEqual(succeeded)
    expect(await reEncrypt({ SourceKeyId: KeyId, CiphertextBlob, ...modifiers })).toEqual(succeeded)
    expect(await decrypt({ KeyId, CiphertextBlob, DryRun: true })).toMatchObject({ name: 'InvalidCiphertextException' })
  })

  it('needs the key to be named, as there is nothing else to find it by', async () => {
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('text') }))
    const message = (member: string) =>
      `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`
    expect(await decrypt({ CiphertextBlob, ...modifiers })).toMatchObject({ message: message('keyId') })
    expect(await reEncrypt({ CiphertextBlob, ...modifiers })).toMatchObject({ message: message('sourceKeyId') })
  })

  it('is refused without DryRun, and nothing is decrypted', async () => {
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('text') }))
    const { DryRunModifiers } = modifiers
    const refusal = { name: 'ValidationException', message: 'DryRunModifiers can be given only together with DryRun.' }
    expect(await decrypt({ KeyId, CiphertextBlob, DryRunModifiers })).toMatchObject(refusal)
    expect(await decrypt({ KeyId, CiphertextBlob, DryRun: false, DryRunModifiers })).toMatchObject(refusal)
    expect(await reEncrypt({ SourceKeyId: KeyId, CiphertextBlob, DryRunModifiers })).toMatchObject(refusal)
  })

  it('changes nothing where the list of modifiers is empty', async () => {
    expect(await decrypt({ KeyId, DryRun: true, DryRunModifiers: [] })).toMatchObject({ name: 'ValidationException' })
  })

  it('knows no other modifier beside it', async () => {
    const DryRunModifiers = ['IGNORE_ALL' as 'IGNORE_CIPHERTEXT']
    expect(await decrypt({ KeyId, DryRun: true, DryRunModifiers })).toMatchObject({ name: 'ValidationException' })
  })

  it('still asks for the permission, and for a key that can be used', async () => {
    const client = await decrypter()
    const other = await createKey()
    expect(await decrypt({ KeyId, ...modifiers }, client)).toEqual(succeeded)
    expect(await decrypt({ KeyId: other, ...modifiers }, client)).toMatchObject({ name: 'AccessDeniedException' })
    await kms.send(new DisableKeyCommand({ KeyId: other }))
    expect(await decrypt({ KeyId: other, ...modifiers })).toMatchObject({ name: 'DisabledException' })
    expect(await reEncrypt({ SourceKeyId: KeyId, ...modifiers }, other)).toMatchObject({ name: 'DisabledException' })
  })
})
