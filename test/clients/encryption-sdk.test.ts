import {
  AwsKmsMrkAwareSymmetricDiscoveryKeyringNode,
  AwsKmsMrkAwareSymmetricKeyringNode,
  buildAwsKmsMrkAwareDiscoveryMultiKeyringNode,
  buildAwsKmsMrkAwareStrictMultiKeyringNode,
  buildClient,
  CommitmentPolicy,
  KMS,
  MultiKeyringNode,
  type KeyringNode,
  type KmsNodeClientSupplier,
} from '@aws-crypto/client-node'
import {
  CreateKeyCommand,
  DisableKeyCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  UpdatePrimaryRegionCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AWAY, FAR, HOME, startTestServer, type TestServer } from '../server.ts'
import { kmsClient, untilState } from './kms-client.ts'
import { policyOf, principalsOf, type TestPrincipal } from './principals.ts'

/** AWS's Encryption SDK, with its defaults: key commitment, and a signature of the whole message. */
const { encrypt, decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)

/** What the Encryption SDK asks of a client; its types do not know `exactOptionalPropertyTypes`. */
type EsdkClient = Exclude<ReturnType<KmsNodeClientSupplier>, false>

const ACCOUNT = '111122223333'
const context = { tenant: 'blue', purpose: 'invoice' }
const PLAINTEXT = Buffer.from('attack at dawn')

let server: TestServer
let home: KMSClient
let away: KMSClient
let far: KMSClient
/** The Encryption SDK's client of a Region, as the root user. */
let inRegion: (region: string) => EsdkClient

beforeAll(async () => {
  server = await startTestServer()
  home = await kmsClient(server, HOME)
  away = await kmsClient(server, AWAY)
  far = await kmsClient(server, FAR)
  inRegion = supplierOf(await server.credentials())
})
afterAll(() => server[Symbol.asyncDispose]())

function supplierOf(credentials: TestPrincipal['credentials']) {
  return (region: string) => new KMS({ region, endpoint: server.url, credentials, maxAttempts: 1 }) as EsdkClient
}

const arnIn = (region: string, keyId: string) => `arn:aws:kms:${region}:${ACCOUNT}:key/${keyId}`

/** The id of a key that is in HOME, as the primary, and AWAY, with one policy in both. */
async function createRelated(Policy?: string): Promise<string> {
  const { KeyMetadata } = await home.send(new CreateKeyCommand({ MultiRegion: true, Policy }))
  const keyId = KeyMetadata?.KeyId ?? ''
  await home.send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: AWAY, Policy }))
  await untilState(away, keyId, 'Enabled')
  return keyId
}

async function createSingle(client: KMSClient): Promise<string> {
  const { KeyMetadata } = await client.send(new CreateKeyCommand({}))
  return KeyMetadata?.Arn ?? ''
}

function mrkAware(region: string, keyId: string): KeyringNode {
  return new AwsKmsMrkAwareSymmetricKeyringNode({ client: inRegion(region), keyId: arnIn(region, keyId) })
}

/** Takes whatever key of these accounts a message names, in one Region. */
function discovery(region: string, accountIDs = [ACCOUNT], partition = 'aws'): KeyringNode {
  const discoveryFilter = { accountIDs, partition }
  return new AwsKmsMrkAwareSymmetricDiscoveryKeyringNode({ client: inRegion(region), discoveryFilter })
}

async function seal(keyring: KeyringNode): Promise<Buffer> {
  return (await encrypt(keyring, PLAINTEXT, { encryptionContext: context })).result
}

async function open(keyring: KeyringNode, message: Buffer) {
  const { plaintext, messageHeader } = await decrypt(keyring, message)
  return { text: plaintext.toString(), context: messageHeader.encryptionContext }
}

describe('AWS Encryption SDK for JavaScript: a message', () => {
  it('is opened by the replica of the key that made it, and by the primary of what the replica made', async () => {
    const keyId = await createRelated()
    for (const [from, to] of [
      [HOME, AWAY],
      [AWAY, HOME],
    ] as const) {
      const { result, messageHeader } = await encrypt(mrkAware(from, keyId), PLAINTEXT, { encryptionContext: context })
      expect(messageHeader.encryptedDataKeys.map((each) => each.providerInfo)).toEqual([arnIn(from, keyId)])
      expect(await open(mrkAware(to, keyId), result)).toMatchObject({ text: 'attack at dawn', context })
    }
  })

  it('is opened after a rotation, and after the primary has moved', async () => {
    const keyId = await createRelated()
    const old = await seal(mrkAware(HOME, keyId))
    await home.send(new RotateKeyOnDemandCommand({ KeyId: keyId }))
    await home.send(new UpdatePrimaryRegionCommand({ KeyId: keyId, PrimaryRegion: AWAY }))
    await untilState(away, keyId, 'Enabled')
    await untilState(home, keyId, 'Enabled')
    const young = await seal(mrkAware(AWAY, keyId))
    for (const message of [old, young]) {
      for (const region of [HOME, AWAY]) {
        expect(await open(mrkAware(region, keyId), message)).toMatchObject({ text: 'attack at dawn', context })
      }
    }
  })

  it('is not opened by another multi-Region key', async () => {
    const message = await seal(mrkAware(HOME, await createRelated()))
    await expect(open(mrkAware(AWAY, await createRelated()), message)).rejects.toThrow('Unable to decrypt data key')
  })

  it('is not opened by its key where that is disabled, and is by the related one', async () => {
    const keyId = await createRelated()
    const message = await seal(mrkAware(HOME, keyId))
    await home.send(new DisableKeyCommand({ KeyId: keyId }))
    await expect(open(mrkAware(HOME, keyId), message)).rejects.toThrow('is disabled')
    expect((await open(mrkAware(AWAY, keyId), message)).text).toBe('attack at dawn')
  })

  it('is not opened where a bit of it was changed', async () => {
    const keyId = await createRelated()
    const message = await seal(mrkAware(HOME, keyId))
    // Every part of it: the header with the context and the encrypted data key, the body, the signature.
    for (let place = 0; place < message.length; place += 11) {
      const changed = Buffer.from(message)
      changed.writeUInt8(changed.readUInt8(place) ^ 1, place)
      await expect(open(mrkAware(AWAY, keyId), changed), `byte ${place}`).rejects.toThrow()
    }
    expect((await open(mrkAware(AWAY, keyId), message)).text).toBe('attack at dawn')
  })
})

describe('AWS Encryption SDK for JavaScript: discovery', () => {
  it('opens in its own Region what a related key made in another', async () => {
    const keyId = await createRelated()
    const message = await seal(mrkAware(HOME, keyId))
    for (const region of [HOME, AWAY]) {
      expect(await open(discovery(region), message)).toMatchObject({ text: 'attack at dawn', context })
    }
  })

  it('finds nothing where the key has no replica', async () => {
    const message = await seal(mrkAware(HOME, await createRelated()))
    await expect(open(discovery(FAR), message)).rejects.toThrow('NotFoundException')
  })

  it('opens a message of a single-Region key there, and nowhere else', async () => {
    const keyId = await createSingle(home)
    const message = await seal(new AwsKmsMrkAwareSymmetricKeyringNode({ client: inRegion(HOME), keyId }))
    expect((await open(discovery(HOME), message)).text).toBe('attack at dawn')
    await expect(open(discovery(AWAY), message)).rejects.toThrow('Unable to decrypt data key: No EDKs supplied')
  })

  it('opens nothing of other accounts or partitions than its filter names', async () => {
    const message = await seal(mrkAware(HOME, await createRelated()))
    const wrong = [discovery(AWAY, ['444455556666']), discovery(AWAY, [ACCOUNT], 'aws-cn')]
    for (const keyring of wrong) {
      await expect(open(keyring, message)).rejects.toThrow('Unable to decrypt data key: No EDKs supplied')
    }
    expect((await open(discovery(AWAY, ['444455556666', ACCOUNT]), message)).text).toBe('attack at dawn')
  })

  it('tries the Regions that it is given', async () => {
    const keyId = await createRelated()
    const message = await seal(mrkAware(HOME, keyId))
    const keyring = buildAwsKmsMrkAwareDiscoveryMultiKeyringNode({
      clientProvider: inRegion,
      regions: [FAR, AWAY],
      discoveryFilter: { accountIDs: [ACCOUNT], partition: 'aws' },
    })
    expect((await open(keyring, message)).text).toBe('attack at dawn')
    await away.send(new DisableKeyCommand({ KeyId: keyId }))
    await expect(open(keyring, message)).rejects.toThrow('is disabled')
  })
})

describe('AWS Encryption SDK for JavaScript: a multi-keyring', () => {
  it('lets each of its keys open the message: a generator here, children there', async () => {
    const keyId = await createRelated()
    const [there, farAway] = [await createSingle(away), await createSingle(far)]
    const { result, messageHeader } = await encrypt(
      buildAwsKmsMrkAwareStrictMultiKeyringNode({
        clientProvider: inRegion,
        generatorKeyId: arnIn(HOME, keyId),
        keyIds: [there, farAway],
      }),
      PLAINTEXT,
      { encryptionContext: context },
    )
    const named = messageHeader.encryptedDataKeys.map((each) => each.providerInfo)
    expect(named).toEqual([arnIn(HOME, keyId), there, farAway])
    const keyrings = [
      mrkAware(AWAY, keyId),
      new AwsKmsMrkAwareSymmetricKeyringNode({ client: inRegion(AWAY), keyId: there }),
      new AwsKmsMrkAwareSymmetricKeyringNode({ client: inRegion(FAR), keyId: farAway }),
      discovery(FAR),
    ]
    for (const keyring of keyrings) expect((await open(keyring, result)).text).toBe('attack at dawn')
  })

  it('of strict keyrings opens by the replica what the primary made', async () => {
    const keyId = await createRelated()
    const message = await seal(mrkAware(HOME, keyId))
    const strict = buildAwsKmsMrkAwareStrictMultiKeyringNode({
      clientProvider: inRegion,
      keyIds: [await createSingle(far), arnIn(AWAY, keyId)],
    })
    expect((await open(strict, message)).text).toBe('attack at dawn')
  })

  it('refuses related keys beside each other: one of them is enough', async () => {
    const keyId = await createRelated()
    const related = { generatorKeyId: arnIn(HOME, keyId), keyIds: [arnIn(AWAY, keyId)] }
    expect(() => buildAwsKmsMrkAwareStrictMultiKeyringNode({ clientProvider: inRegion, ...related })).toThrow(
      'Related multi-Region keys',
    )
  })

  it('goes on by another Region where one refuses', async () => {
    const keyId = await createRelated()
    const message = await seal(mrkAware(HOME, keyId))
    await home.send(new DisableKeyCommand({ KeyId: keyId }))
    const either = new MultiKeyringNode({ children: [mrkAware(HOME, keyId), mrkAware(AWAY, keyId)] })
    expect((await open(either, message)).text).toBe('attack at dawn')
  })
})

describe('AWS Encryption SDK for JavaScript: the encryption context', () => {
  it('is what a key policy’s condition sees, in the Region of the replica too', async () => {
    const reader = await (await principalsOf(server, HOME)).user()
    const admin = {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
      Action: 'kms:*',
      Resource: '*',
    }
    const blueOnly = {
      Effect: 'Allow',
      Principal: { AWS: reader.arn },
      Action: 'kms:Decrypt',
      Resource: '*',
      Condition: { StringEquals: { 'kms:EncryptionContext:tenant': 'blue' } },
    }
    const keyId = await createRelated(policyOf(admin, blueOnly))
    const keyring = new AwsKmsMrkAwareSymmetricKeyringNode({
      client: supplierOf(reader.credentials)(AWAY),
      keyId: arnIn(AWAY, keyId),
    })
    const message = async (tenant: string) =>
      (await encrypt(mrkAware(HOME, keyId), PLAINTEXT, { encryptionContext: { tenant } })).result
    expect(await open(keyring, await message('blue'))).toMatchObject({
      text: 'attack at dawn',
      context: { tenant: 'blue' },
    })
    await expect(open(keyring, await message('red'))).rejects.toThrow('is not authorized to perform: kms:Decrypt')
  })
})
