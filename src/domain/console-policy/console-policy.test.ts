import { describe, expect, it } from 'vitest'
import { consolePolicy, NOBODY, type PolicyChoices, type PolicyKey } from './console-policy.ts'
import { readConsolePolicy } from './read-console-policy.ts'

const ACCOUNT = '111122223333'
const ADA = `arn:aws:iam::${ACCOUNT}:user/ada`
const OPS = `arn:aws:iam::${ACCOUNT}:role/team/ops`
const SYMMETRIC: PolicyKey = {
  spec: 'SYMMETRIC_DEFAULT',
  usage: 'ENCRYPT_DECRYPT',
  origin: 'AWS_KMS',
  multiRegion: false,
}
const SIGNING: PolicyKey = { ...SYMMETRIC, spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY' }
const MAC: PolicyKey = { ...SYMMETRIC, spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' }
const EVERYBODY: PolicyChoices = {
  administrators: [ADA, OPS],
  administratorsDelete: true,
  users: [OPS],
  accounts: ['444455556666'],
}

interface Statement {
  readonly Sid: string
  readonly Principal: { readonly AWS: string | readonly string[] }
  readonly Action: string | readonly string[]
  readonly Condition?: object
}

const statementsOf = (key: PolicyKey, choices: PolicyChoices) =>
  (JSON.parse(consolePolicy(ACCOUNT, key, choices)) as { Statement: readonly Statement[] }).Statement

describe('The policy that the console writes', () => {
  it('has the four statements, by their identifiers', () => {
    const [account, administrators, use, attachment] = statementsOf(SYMMETRIC, EVERYBODY)
    expect(account).toEqual({
      Sid: 'Enable IAM User Permissions',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
      Action: 'kms:*',
      Resource: '*',
    })
    expect(administrators?.Sid).toBe('Allow access for Key Administrators')
    expect(administrators?.Principal.AWS).toEqual([ADA, OPS])
    expect(use).toMatchObject({
      Sid: 'Allow use of the key',
      Principal: { AWS: [OPS, 'arn:aws:iam::444455556666:root'] },
      Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
    })
    expect(attachment).toMatchObject({
      Sid: 'Allow attachment of persistent resources',
      Action: ['kms:CreateGrant', 'kms:ListGrants', 'kms:RevokeGrant'],
      Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    })
  })

  it('leaves out what nobody was chosen for', () => {
    const sids = (choices: Partial<PolicyChoices>) =>
      statementsOf(SYMMETRIC, { ...NOBODY, ...choices }).map(({ Sid }) => Sid)
    expect(sids({})).toEqual(['Enable IAM User Permissions'])
    expect(sids({ administrators: [ADA] })).toEqual([
      'Enable IAM User Permissions',
      'Allow access for Key Administrators',
    ])
    expect(sids({ accounts: ['444455556666'] })).toEqual([
      'Enable IAM User Permissions',
      'Allow use of the key',
      'Allow attachment of persistent resources',
    ])
  })

  it('lets administrators do what the key can have done to it', () => {
    const actions = (key: PolicyKey, administratorsDelete = true) =>
      statementsOf(key, { ...NOBODY, administrators: [ADA], administratorsDelete })[1]?.Action
    expect(actions(SYMMETRIC)).toContain('kms:ScheduleKeyDeletion')
    expect(actions(SYMMETRIC)).toContain('kms:RotateKeyOnDemand')
    expect(actions(SYMMETRIC)).not.toContain('kms:ReplicateKey')
    expect(actions(SYMMETRIC, false)).not.toContain('kms:ScheduleKeyDeletion')
    expect(actions(SYMMETRIC, false)).not.toContain('kms:CancelKeyDeletion')
    expect(actions({ ...SIGNING, multiRegion: true })).toEqual(
      expect.arrayContaining(['kms:ReplicateKey', 'kms:UpdatePrimaryRegion']),
    )
    expect(actions(SIGNING)).not.toContain('kms:RotateKeyOnDemand')
    expect(actions({ ...SYMMETRIC, origin: 'EXTERNAL' })).toContain('kms:ImportKeyMaterial')
  })

  it('lets users do what the key is for', () => {
    const use = (key: PolicyKey) => statementsOf(key, { ...NOBODY, users: [ADA] })[1]?.Action
    expect(use(SIGNING)).toEqual(['kms:DescribeKey', 'kms:GetPublicKey', 'kms:Sign', 'kms:Verify'])
    expect(use(MAC)).toEqual(['kms:DescribeKey', 'kms:GenerateMac', 'kms:VerifyMac'])
    expect(use({ ...SIGNING, usage: 'KEY_AGREEMENT' })).toContain('kms:DeriveSharedSecret')
    expect(statementsOf(MAC, { ...NOBODY, users: [ADA] })).toHaveLength(2)
  })
})

describe('The choices behind a policy', () => {
  it.each([
    NOBODY,
    EVERYBODY,
    { ...EVERYBODY, administratorsDelete: false },
    { ...NOBODY, accounts: ['444455556666'] },
    { ...NOBODY, users: [ADA] },
  ])('are read from it, in whatever order and form it has: %j', (choices) => {
    for (const key of [SYMMETRIC, SIGNING, { ...MAC, multiRegion: true }]) {
      const text = consolePolicy(ACCOUNT, key, choices)
      expect(readConsolePolicy(ACCOUNT, key, text)).toEqual(choices)
      const { Version, ...rest } = JSON.parse(text) as { Version: string; Statement: readonly object[] }
      const turned = JSON.stringify({ ...rest, Statement: rest.Statement.toReversed(), Version })
      expect(readConsolePolicy(ACCOUNT, key, turned)).toEqual(choices)
    }
  })

  it('are not there where the policy says anything else', () => {
    const text = consolePolicy(ACCOUNT, SYMMETRIC, EVERYBODY)
    const others = [
      text.replace('Allow use of the key', 'Use'),
      text.replace('"kms:Encrypt",', ''),
      text.replace(ADA, 'AIDAEXAMPLEEXAMPLE123'),
      text.replaceAll('444455556666:root', '444455556666:group/all'),
      text.replace(`"${OPS}"`, '7'),
      text.replace('"true"', 'null'),
      '{"Statement":[null]}',
      '{"Statement":{}}',
      'null',
      '{',
    ]
    for (const other of others) expect(readConsolePolicy(ACCOUNT, SYMMETRIC, other), other).toBeNull()
    expect(readConsolePolicy(ACCOUNT, SIGNING, text)).toBeNull()
  })
})
