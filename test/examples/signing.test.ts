import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  GetPublicKeyCommand,
  ReplicateKeyCommand,
  SignCommand,
  type KeySpec,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { createHash, createPublicKey, verify, type webcrypto } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient, refusalOf, untilState } from '../clients/kms-client.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { companion, hasCompanions, runExample } from './companions.ts'

let server: TestServer
let kms: KMSClient

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  kms = await kmsClient(server, HOME)
})
afterAll(() => server[Symbol.asyncDispose]())

async function signingKey(KeySpec: KeySpec, MultiRegion = false): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeyUsage: 'SIGN_VERIFY', KeySpec, MultiRegion }))
  return KeyMetadata?.KeyId ?? ''
}

describe('examples/jwt', () => {
  interface Jose {
    createLocalJWKSet(keys: object): unknown
    jwtVerify(token: string, keys: unknown): Promise<{ payload: object; protectedHeader: { kid: string; alg: string } }>
    calculateJwkThumbprint(key: object): Promise<string>
  }

  const keysOf = async (key: string) =>
    JSON.parse(await runExample(server, ['jwt/tokens.js', 'keys', key])) as {
      keys: [webcrypto.JsonWebKey & { kid: string }]
    }

  it.skipIf(!hasCompanions).each(['ECC_NIST_P256', 'ECC_NIST_P384', 'RSA_2048'] as const)(
    'signs what jose verifies, with a %s',
    async (spec) => {
      const jose = companion('jose') as Jose
      const key = await signingKey(spec)
      const published = await keysOf(key)
      const token = await runExample(server, ['jwt/tokens.js', 'sign', key, '{"sub":"ada"}'])
      const { payload, protectedHeader } = await jose.jwtVerify(token, jose.createLocalJWKSet(published))
      expect(payload).toMatchObject({ sub: 'ada' })
      expect(protectedHeader.kid).toBe(await jose.calculateJwkThumbprint(published.keys[0]))
    },
  )

  it('signs in a replica’s Region under the key set of the primary’s', async () => {
    const key = await signingKey('ECC_NIST_P256', true)
    await kms.send(new ReplicateKeyCommand({ KeyId: key, ReplicaRegion: AWAY }))
    await untilState(await kmsClient(server, AWAY), key, 'Enabled')
    const token = await runExample(server, ['jwt/tokens.js', 'sign', key, '{"sub":"ada"}'], { AWS_REGION: AWAY })
    const [head = '', body = '', signature = ''] = token.split('.')
    const [[published], [other]] = [(await keysOf(key)).keys, (await keysOf(await signingKey('ECC_NIST_P256'))).keys]
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toMatchObject({ alg: 'ES256', kid: published.kid })
    const isOf = (jwk: webcrypto.JsonWebKey) => {
      const verifier = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const
      return verify('sha256', Buffer.from(`${head}.${body}`), verifier, Buffer.from(signature, 'base64url'))
    }
    expect([isOf(published), isOf(other)]).toEqual([true, false])
  })
})

describe('examples/ethereum', () => {
  interface Ethers {
    Transaction: { from(raw: string): { from: string; to: string; value: bigint; signature: { s: string; v: number } } }
  }
  const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n
  const TO = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'

  it.skipIf(!hasCompanions)('signs transactions that ethers takes for those of the account', async () => {
    const { Transaction } = companion('ethers') as Ethers
    const key = await signingKey('ECC_SECG_P256K1')
    const address = await runExample(server, ['ethereum/wallet.js', 'address', key])
    expect(address).toMatch(/^0x[0-9a-f]{40}$/)
    // Every other signature has a high s, and every other another parity.
    for (let nonce = 0; nonce < 3; nonce += 1) {
      const wanted = JSON.stringify({ chainId: 1, nonce, to: TO, value: '1000000000000000000', data: '0x00ff' })
      const signed = Transaction.from(await runExample(server, ['ethereum/wallet.js', 'sign', key, wanted]))
      expect(signed).toMatchObject({ from: expect.toSatisfy((from: string) => from.toLowerCase() === address), to: TO })
      expect(signed.value).toBe(10n ** 18n)
      expect(BigInt(signed.signature.s) <= HALF_ORDER).toBe(true)
    }
  })
})

describe('examples/cosign', () => {
  // What cosign asks of KMS for `generate-key-pair` and `sign-blob`, in its order.
  it('finds what it asks for', async () => {
    const KeyId = 'alias/release'
    expect(await refusalOf(kms.send(new GetPublicKeyCommand({ KeyId })))).toMatchObject({ name: 'NotFoundException' })
    const { KeyMetadata } = await kms.send(
      new CreateKeyCommand({ CustomerMasterKeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }),
    )
    await kms.send(new CreateAliasCommand({ AliasName: KeyId, TargetKeyId: KeyMetadata?.KeyId }))
    const { PublicKey = Buffer.of() } = await kms.send(new GetPublicKeyCommand({ KeyId }))
    const described = await kms.send(new DescribeKeyCommand({ KeyId }))
    const SigningAlgorithm = described.KeyMetadata?.SigningAlgorithms?.[0]
    expect(SigningAlgorithm).toBe('ECDSA_SHA_256')
    const blob = Buffer.from('a release')
    const Message = createHash('sha256').update(blob).digest()
    const signed = await kms.send(new SignCommand({ KeyId, Message, MessageType: 'DIGEST', SigningAlgorithm }))
    const key = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' })
    expect(verify('sha256', blob, key, signed.Signature ?? Buffer.of())).toBe(true)
  })
})
