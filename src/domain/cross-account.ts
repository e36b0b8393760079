/** What another account's key can be used for, where its policy or a grant lets (AWS KMS Developer Guide, "Permissions reference"). */
const ACROSS: ReadonlySet<string> = new Set(
  [
    'CreateGrant',
    'Decapsulate',
    'Decrypt',
    'DeriveSharedSecret',
    'DescribeKey',
    'Encapsulate',
    'Encrypt',
    'GenerateDataKey',
    'GenerateDataKeyPair',
    'GenerateDataKeyPairWithoutPlaintext',
    'GenerateDataKeyWithoutPlaintext',
    'GenerateMac',
    'GetKeyRotationStatus',
    'GetPublicKey',
    'ListGrants',
    'ReEncryptFrom',
    'ReEncryptTo',
    'RetireGrant',
    'RevokeGrant',
    'Sign',
    'Verify',
    'VerifyMac',
  ].map((name) => `kms:${name}`.toLowerCase()),
)

/**
 * Says whether a permission can be used on what another account owns, whatever policies say.
 *
 * @param action `service:Name` in any case; those of other services than KMS are for their resources' policies
 */
export function crossesAccounts(action: string): boolean {
  const lower = action.toLowerCase()
  return !lower.startsWith('kms:') || ACROSS.has(lower)
}
