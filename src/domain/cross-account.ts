/** What another account's key can be used for, where its policy or a grant lets (AWS KMS Developer Guide, "Permissions reference"). */
const ACROSS = [
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
].map((name) => `kms:${name}`)

/** As AWS writes them, as whoever asks nearly always does, and in lower case. */
const ACROSS_IN_EITHER: ReadonlySet<string> = new Set([...ACROSS, ...ACROSS.map((name) => name.toLowerCase())])

/**
 * Says whether a permission can be used on what another account owns, whatever policies say.
 *
 * @param action `service:Name` in any case; those of other services than KMS are for their resources' policies
 */
export function crossesAccounts(action: string): boolean {
  if (ACROSS_IN_EITHER.has(action)) return true
  const lower = action.toLowerCase()
  return !lower.startsWith('kms:') || ACROSS_IN_EITHER.has(lower)
}
