import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto'
import { lengthPrefixed } from './canonical.ts'
import { generatePrivateKey, materialOfPrivateKey, type KeyPairRecipe } from './key-pair.ts'
import { randomSecret } from './random.ts'

const MATERIAL_BYTES = 32

/** What names a key in its scope. */
interface KeyName {
  readonly partition: string
  readonly region: string
  readonly account: string
  readonly keyId: string
}

/**
 * The name that a key's ciphertexts and materials are bound to.
 *
 * A multi-Region key's has no Region: that is what makes its ciphertexts open in every one. A single-Region key's is
 * its ARN, so that the same material in two such keys makes nothing portable.
 */
export function scopeArn({ partition, region, account, keyId }: KeyName): string {
  const place = keyId.startsWith('mrk-') ? '' : region
  return `arn:${partition}:kms:${place}:${account}:key/${keyId}`
}

/**
 * The id of a material: 64 lowercase hex digits, the same for the same material in the same key, and for no other.
 *
 * It is keyed by the material itself, so it tells nothing about it; computed again whenever a material is opened, it
 * shows that the bytes are the ones that belong to this key. HMAC takes a short key for the same as one with zeros
 * behind it, and a long one for its hash (RFC 2104, section 2): where the length is the customer's, it is told as well.
 */
export function materialId(material: KeyObject, scope: string, keySpec: string): string {
  const length = material.symmetricKeySize ?? 0
  return isHmac(keySpec)
    ? idOf(material, lengthPrefixed('kms/material-id/v2', scope, keySpec, length))
    : idOf(material, lengthPrefixed(FIRST_LABEL, scope, keySpec))
}

/** Says whether a material has this id; those of HMAC keys may have one from before their length was told. */
export function hasMaterialId(material: KeyObject, scope: string, keySpec: string, id: string): boolean {
  const given = Buffer.from(id)
  const isGiven = (other: string): boolean => {
    const bytes = Buffer.from(other)
    return bytes.length === given.length && timingSafeEqual(bytes, given)
  }
  if (isGiven(materialId(material, scope, keySpec))) return true
  return isHmac(keySpec) && isGiven(idOf(material, lengthPrefixed(FIRST_LABEL, scope, keySpec)))
}

function isHmac(keySpec: string): boolean {
  return keySpec.startsWith('HMAC_')
}

const FIRST_LABEL = 'kms/material-id/v1'

function idOf(material: KeyObject, about: Buffer): string {
  return createHmac('sha256', material).update(about).digest('hex')
}

/** Which material to make. */
export type Recipe = { readonly type: 'secret'; readonly bytes: number } | KeyPairRecipe

/** New material of any kind: random bytes, or a private key as PKCS#8 in DER. */
export async function makeMaterial(recipe: Recipe): Promise<KeyObject> {
  return recipe.type === 'secret'
    ? generateMaterial(recipe.bytes)
    : materialOfPrivateKey(await generatePrivateKey(recipe))
}

/** New material for a key with one secret: random bytes, 256 bits of them for a symmetric encryption key. */
export function generateMaterial(length = MATERIAL_BYTES): KeyObject {
  const bytes = randomSecret(length)
  const material = createSecretKey(bytes)
  bytes.fill(0)
  return material
}
