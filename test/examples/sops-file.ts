import { createCipheriv, createHash, randomBytes } from 'node:crypto'

/** A master key of a SOPS file: its ARN, and the data key as it has encrypted it. */
interface MasterKey {
  readonly arn: string
  readonly enc: string
  readonly context: Readonly<Record<string, string>>
}

const MODIFIED = '2026-11-28T00:00:00Z'

/** Writes a flat SOPS file in JSON: each value under the data key, bound to its name, and a MAC over all of them. */
export function sopsFile(
  values: Readonly<Record<string, string>>,
  dataKey: Uint8Array,
  kms: readonly MasterKey[],
): string {
  const sealed = Object.entries(values).map(([name, value]) => [name, seal(value, dataKey, `${name}:`)])
  const digest = createHash('sha512').update(Object.values(values).join('')).digest('hex').toUpperCase()
  const sops = { kms, lastmodified: MODIFIED, mac: seal(digest, dataKey, MODIFIED), version: '3.9.0' }
  return JSON.stringify({ ...Object.fromEntries(sealed), sops })
}

function seal(text: string, key: Uint8Array, place: string): string {
  const iv = randomBytes(32)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(place))
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  const parts = { data, iv, tag: cipher.getAuthTag() }
  const written = Object.entries(parts).map(([name, bytes]) => `${name}:${bytes.toString('base64')}`)
  return `ENC[AES256_GCM,${written.join(',')},type:str]`
}
