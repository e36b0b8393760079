import {
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  type ImportKeyMaterialCommandInput,
  type KMSClient,
  type WrappingKeySpec,
} from '@aws-sdk/client-kms'
import { constants, createCipheriv, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto'

type Algorithm = 'RSAES_OAEP_SHA_1' | 'RSAES_OAEP_SHA_256' | 'RSA_AES_KEY_WRAP_SHA_1' | 'RSA_AES_KEY_WRAP_SHA_256'
export type More = Partial<Omit<ImportKeyMaterialCommandInput, 'KeyId'>>

export const STAYS = { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' } as const
export const NEW = { ...STAYS, ImportType: 'NEW_KEY_MATERIAL' } as const
export const EXISTING = { ...STAYS, ImportType: 'EXISTING_KEY_MATERIAL' } as const

/** The token to import with, and the public key to wrap with. */
export async function parameters(
  client: KMSClient,
  KeyId: string,
  WrappingAlgorithm: Algorithm = 'RSAES_OAEP_SHA_256',
  spec: WrappingKeySpec = 'RSA_2048',
) {
  const given = await client.send(
    new GetParametersForImportCommand({ KeyId, WrappingAlgorithm, WrappingKeySpec: spec }),
  )
  return { ...given, ImportToken: given.ImportToken ?? Buffer.alloc(0), PublicKey: given.PublicKey ?? Buffer.alloc(0) }
}

/** Wraps as AWS's documentation says, with Node's own functions. */
export function wrap(spki: Uint8Array, algorithm: Algorithm, material: Buffer): Buffer {
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  const oaep = (bytes: Buffer) => {
    const oaepHash = algorithm.endsWith('SHA_1') ? 'sha1' : 'sha256'
    return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, bytes)
  }
  if (algorithm.startsWith('RSAES_')) return oaep(material)
  const kek = randomBytes(32)
  const cipher = createCipheriv('id-aes256-wrap-pad', kek, Buffer.from('A65959A6', 'hex'))
  return Buffer.concat([oaep(kek), cipher.update(material), cipher.final()])
}

/** Wraps material and imports it: for ever, unless told otherwise. */
export async function importInto(
  client: KMSClient,
  KeyId: string,
  material: Buffer,
  more: More = STAYS,
  algorithm: Algorithm = 'RSAES_OAEP_SHA_256',
): Promise<string | undefined> {
  const { ImportToken, PublicKey } = await parameters(client, KeyId, algorithm)
  const EncryptedKeyMaterial = wrap(PublicKey, algorithm, material)
  const done = await client.send(new ImportKeyMaterialCommand({ KeyId, ImportToken, EncryptedKeyMaterial, ...more }))
  return done.KeyMaterialId
}
