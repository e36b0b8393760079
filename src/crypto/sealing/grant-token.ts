import { lengthPrefixed, uint32 } from '../canonical.ts'
import { deriveKey } from '../kdf.ts'
import type { DomainKey } from './keyring.ts'
import { randomIv, randomSecret } from '../random.ts'
import { IV_BYTES, open, seal, TAG_BYTES } from './symmetric.ts'

const LABEL = 'kms/grant-token/v1'
const VERSION_BYTES = 4
const SALT_BYTES = 16
const HEAD_BYTES = VERSION_BYTES + SALT_BYTES + IV_BYTES + TAG_BYTES

/** The grant that a token belongs to. */
export interface GrantReference {
  readonly account: string
  readonly keyId: string
  readonly grantId: string
}

/**
 * Makes a grant token: base64url of the domain key's version in 4 bytes, salt, initialization vector, tag and the
 * sealed reference, under a key that is derived for each token.
 *
 * A token is no secret and gives nothing to whoever is not the grantee. It is sealed so that nobody can make one, and
 * bound to its Region, so that one of another Region is no token here. It does not expire: it is worth what its grant
 * is worth.
 */
export function sealGrantToken(domainKey: DomainKey, region: string, reference: GrantReference): string {
  const salt = randomSecret(SALT_BYTES)
  const iv = randomIv()
  const version = uint32(domainKey.version)
  const text = Buffer.from(JSON.stringify([reference.account, reference.keyId, reference.grantId]))
  const key = deriveKey(domainKey.key, LABEL, salt)
  const { ciphertext, tag } = seal(key, iv, aadOf(region, domainKey.version), text)
  return Buffer.concat([version, salt, iv, tag, ciphertext]).toString('base64url')
}

/** Reads a grant token; null where this Region has not made it. */
export function openGrantToken(domainKeys: readonly DomainKey[], region: string, token: string): GrantReference | null {
  const bytes = Buffer.from(token, 'base64url')
  // Only the text that was given out is the token, and not another that decodes to the same bytes.
  if (bytes.length <= HEAD_BYTES || bytes.toString('base64url') !== token) return null
  const domainKey = domainKeys.find(({ version }) => version === bytes.readUInt32BE())
  if (domainKey === undefined) return null
  const ivAt = VERSION_BYTES + SALT_BYTES
  const tagAt = ivAt + IV_BYTES
  const key = deriveKey(domainKey.key, LABEL, bytes.subarray(VERSION_BYTES, ivAt))
  const aad = aadOf(region, domainKey.version)
  const text = open(
    key,
    bytes.subarray(ivAt, tagAt),
    aad,
    bytes.subarray(HEAD_BYTES),
    bytes.subarray(tagAt, HEAD_BYTES),
  )
  if (text === null) return null
  // What is authentic was written by sealGrantToken.
  const [account = '', keyId = '', grantId = ''] = JSON.parse(text.toString()) as readonly string[]
  return { account, keyId, grantId }
}

function aadOf(region: string, version: number): Buffer {
  return lengthPrefixed(LABEL, region, version)
}
