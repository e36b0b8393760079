import { KEY_SPECS, type KeySpec } from '../../../../../src/domain/key-spec.ts'
import { fromBase64, toBase64 } from '../../../api/base64.ts'
import type { Asking } from '../../../api/client.ts'
import { kms } from '../../../api/kms.ts'
import { wrapPadded } from './key-wrap.ts'

/** The strongest wrapping key that there is. */
const WRAPPING_KEY_SPEC = 'RSA_4096'
const KEK_BYTES = 32

/** What is imported, and what for. */
export interface Import {
  readonly keyId: string
  readonly spec: KeySpec
  /** It is wiped once it was wrapped. */
  readonly material: Uint8Array<ArrayBuffer>
  /** When it is deleted here, in seconds since 1970; null where it stays. */
  readonly validTo: number | null
  /** What is said of it, and which material it is: of symmetric encryption keys only. */
  readonly more: object
}

/** Wraps material in this browser, so that only the server's import can read it, and imports it. @throws ApiError */
export async function importMaterial(asking: Asking, { keyId, spec, material, validTo, more }: Import): Promise<void> {
  const isDirect = KEY_SPECS[spec].recipe.type === 'secret'
  const parameters = await kms(asking, 'GetParametersForImport', {
    KeyId: keyId,
    WrappingAlgorithm: isDirect ? 'RSAES_OAEP_SHA_256' : 'RSA_AES_KEY_WRAP_SHA_256',
    WrappingKeySpec: WRAPPING_KEY_SPEC,
  })
  const wrapping = await importWrappingKey(fromBase64(parameters.PublicKey))
  const wrapped = isDirect ? await wrapDirectly(wrapping, material) : await wrapByKey(wrapping, material)
  material.fill(0)
  await kms(asking, 'ImportKeyMaterial', {
    KeyId: keyId,
    ImportToken: parameters.ImportToken,
    EncryptedKeyMaterial: toBase64(wrapped),
    ...(validTo === null
      ? { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' }
      : { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: validTo }),
    ...more,
  })
}

function importWrappingKey(spki: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('spki', spki, { name: 'RSA-OAEP', hash: 'SHA-256' }, false, ['encrypt'])
}

async function wrapDirectly(wrapping: CryptoKey, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.encrypt({ name: 'RSA-OAEP' }, wrapping, bytes))
}

/** A private key is too long for RSA: an AES key wraps it, and RSA wraps that. */
async function wrapByKey(wrapping: CryptoKey, material: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const kek = crypto.getRandomValues(new Uint8Array(KEK_BYTES))
  const parts = [await wrapDirectly(wrapping, kek), await wrapPadded(kek, material)]
  kek.fill(0)
  return new Uint8Array(parts.flatMap((part) => [...part]))
}
