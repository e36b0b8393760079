import { describe, expect, it } from 'vitest'
import { kmsOperations, kmsUnimplemented } from './index.ts'
import { kmsQuota } from './request-quotas.ts'

const of = (operation: string, body = {}, region = 'eu-north-1') => kmsQuota(operation, body, region)

describe('The request quotas of KMS', () => {
  it('are shared by symmetric cryptographic operations, and differ by Region', () => {
    for (const operation of ['Encrypt', 'Decrypt', 'ReEncrypt', 'GenerateDataKey', 'GenerateRandom', 'GenerateMac']) {
      expect(of(operation)).toEqual({ name: 'symmetric', perSecond: 5500 })
    }
    expect(of('Decrypt', {}, 'eu-central-1')?.perSecond).toBe(10_000)
    expect(of('Decrypt', {}, 'us-east-1')?.perSecond).toBe(50_000)
  })

  it('are an operation’s own otherwise', () => {
    expect(of('CreateKey')).toEqual({ name: 'CreateKey', perSecond: 5 })
    expect(of('DescribeKey')).toEqual({ name: 'DescribeKey', perSecond: 2000 })
    expect(of('GetKeyLastUsage')).toBeNull()
  })

  it('go by the spec for data key pairs, with or without the plaintext', () => {
    const spec = { KeyPairSpec: 'RSA_4096' }
    expect(of('GenerateDataKeyPair', spec)).toEqual({ name: 'pairs of RSA_4096', perSecond: 0.1 })
    expect(of('GenerateDataKeyPairWithoutPlaintext', spec)).toEqual(of('GenerateDataKeyPair', spec))
    expect(of('GenerateDataKeyPair', { KeyPairSpec: 'NONE' })).toBeNull()
    expect(of('GenerateDataKeyPair', { KeyPairSpec: 'constructor' })).toBeNull()
    expect(of('GenerateDataKeyPair', { KeyPairSpec: 1 })).toBeNull()
  })

  it('are there for every operation but those that AWS has none for', () => {
    const names = [...kmsOperations.map((operation) => operation.name), ...kmsUnimplemented]
    const without = names.filter((name) => of(name, { KeyPairSpec: 'RSA_2048' }) === null)
    expect(without.toSorted()).toEqual([
      'Decapsulate',
      'Encapsulate',
      'GetKeyLastUsage',
      'ListKeyRotations',
      'RotateKeyOnDemand',
    ])
  })
})
