import { KEY_SPECS, type KeySpec } from '../../../../../src/domain/key-spec.ts'
import { fromBase64 } from '../../../api/base64.ts'
import { words } from '../../../words/en.ts'

const text = words.key.material

/** How many bytes the material of a key has; null where it is a private key. */
export function bytesOf(spec: KeySpec): number | null {
  const { recipe } = KEY_SPECS[spec]
  return recipe.type === 'secret' ? recipe.bytes : null
}

/** The material in a file: the bytes of a secret, or a private key in PKCS #8. @throws Error that says what is wrong */
export function readMaterial(file: Uint8Array<ArrayBuffer>, spec: KeySpec): Uint8Array<ArrayBuffer> {
  const bytes = bytesOf(spec)
  if (bytes === null) return readPrivateKey(file)
  if (file.length !== bytes) throw new Error(text.wrongLength(file.length, bytes))
  return file
}

function readPrivateKey(file: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const pem = new TextDecoder('latin1').decode(file)
  if (!pem.trimStart().startsWith('-----BEGIN')) return file
  const [, body] = /-----BEGIN PRIVATE KEY-----([\w+/=\s]+)-----END PRIVATE KEY-----/.exec(pem) ?? []
  if (body === undefined) throw new Error(text.wrongPem)
  return fromBase64(body.replaceAll(/\s/g, ''))
}
