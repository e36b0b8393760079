import { rootArn } from '../arn.ts'
import type { KeyOrigin, KeySpec, KeyUsage } from '../key-spec.ts'

/** What a key is, as far as its policy depends on it. */
export interface PolicyKey {
  readonly spec: KeySpec
  readonly usage: KeyUsage
  readonly origin: KeyOrigin
  readonly multiRegion: boolean
}

/** Who may do what with a key, as the steps of AWS's console ask for it. */
export interface PolicyChoices {
  /** The ARNs of users and roles that administer the key. */
  readonly administrators: readonly string[]
  /** Whether those may schedule the key's deletion, and cancel it. */
  readonly administratorsDelete: boolean
  /** The ARNs of users and roles that use the key. */
  readonly users: readonly string[]
  /** The ids of other accounts that may use the key, as far as they let their own. */
  readonly accounts: readonly string[]
}

/** Nobody is named: the account alone decides, by its IAM policies. */
export const NOBODY: PolicyChoices = { administrators: [], administratorsDelete: true, users: [], accounts: [] }

/** What administrators may do, whatever the key is (AWS KMS Developer Guide, "Default key policy"). */
const ADMINISTRATION = [
  'kms:Create*',
  'kms:Describe*',
  'kms:Enable*',
  'kms:List*',
  'kms:Put*',
  'kms:Update*',
  'kms:Revoke*',
  'kms:Disable*',
  'kms:Get*',
  'kms:Delete*',
  'kms:TagResource',
  'kms:UntagResource',
]

const DELETION = ['kms:ScheduleKeyDeletion', 'kms:CancelKeyDeletion']

const USE: Readonly<Record<KeyUsage, readonly string[]>> = {
  ENCRYPT_DECRYPT: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:DescribeKey', 'kms:GetPublicKey'],
  SIGN_VERIFY: ['kms:DescribeKey', 'kms:GetPublicKey', 'kms:Sign', 'kms:Verify'],
  GENERATE_VERIFY_MAC: ['kms:DescribeKey', 'kms:GenerateMac', 'kms:VerifyMac'],
  KEY_AGREEMENT: ['kms:DescribeKey', 'kms:GetPublicKey', 'kms:DeriveSharedSecret'],
  ENCAPSULATE_DECAPSULATE: ['kms:DescribeKey', 'kms:GetPublicKey', 'kms:Encapsulate', 'kms:Decapsulate'],
}

const SYMMETRIC_USE = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey']

const ATTACHMENT = ['kms:CreateGrant', 'kms:ListGrants', 'kms:RevokeGrant']

/** The text of the policy that AWS's console writes. A statement for which nobody is named is left out. */
export function consolePolicy(account: string, key: PolicyKey, choices: PolicyChoices): string {
  const { administrators, users, accounts } = choices
  const keyUsers = [...users, ...accounts.map(rootArn)]
  const statements = [
    statement('Enable IAM User Permissions', [rootArn(account)], 'kms:*'),
    ...(administrators.length === 0
      ? []
      : [statement('Allow access for Key Administrators', administrators, administration(key, choices))]),
    ...(keyUsers.length === 0 ? [] : useStatements(key, keyUsers)),
  ]
  return JSON.stringify({ Version: '2012-10-17', Id: 'key-consolepolicy-3', Statement: statements }, null, 2)
}

function useStatements(key: PolicyKey, users: readonly string[]): readonly object[] {
  const use = statement(
    'Allow use of the key',
    users,
    key.spec === 'SYMMETRIC_DEFAULT' ? SYMMETRIC_USE : USE[key.usage],
  )
  // No service that works on a user's behalf uses HMAC keys.
  if (key.usage === 'GENERATE_VERIFY_MAC') return [use]
  const Condition = { Bool: { 'kms:GrantIsForAWSResource': 'true' } }
  return [use, { ...statement('Allow attachment of persistent resources', users, ATTACHMENT), Condition }]
}

function administration(key: PolicyKey, { administratorsDelete }: PolicyChoices): readonly string[] {
  return [
    ...ADMINISTRATION,
    ...(administratorsDelete ? DELETION : []),
    ...(key.origin === 'EXTERNAL' ? ['kms:ImportKeyMaterial'] : []),
    ...(key.multiRegion ? ['kms:ReplicateKey', 'kms:UpdatePrimaryRegion'] : []),
    ...(key.spec === 'SYMMETRIC_DEFAULT' ? ['kms:RotateKeyOnDemand'] : []),
  ]
}

function statement(Sid: string, principals: readonly string[], Action: string | readonly string[]): object {
  const AWS = principals.length === 1 ? principals[0] : principals
  return { Sid, Effect: 'Allow', Principal: { AWS }, Action, Resource: '*' }
}
