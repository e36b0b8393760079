import { deriveBytes } from '../../crypto/kdf.ts'
import { newestOf, type DomainKey } from '../../crypto/sealing/keyring.ts'

/** What a process of a deployment shows that it belongs to it. */
interface NodeKey {
  /** Says which key it is; it is no secret. */
  readonly identity: string
  readonly psk: Buffer
}

/**
 * How processes of one deployment speak: TLS under a key that only they have, with fresh keys for each connection. Node
 * takes such a key in TLS 1.2 only.
 */
export const NODE_TLS = {
  ciphers: 'ECDHE-PSK-CHACHA20-POLY1305',
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
} as const

const LABEL = 'keyspan/nodes/v1'

/** What is shown: the newest domain key of what is global leads to it, and so does the root key. */
export function nodeKeyOf(deployment: string, domainKeys: readonly DomainKey[]): NodeKey {
  return keyOf(deployment, newestOf(domainKeys))
}

/** The key that somebody shows; null where there is none, or its domain key is retired. */
export function nodeKeyNamed(deployment: string, domainKeys: readonly DomainKey[], identity: string): Buffer | null {
  const found = domainKeys.find((each) => each.isRetired !== true && identityOf(deployment, each) === identity)
  return found === undefined ? null : keyOf(deployment, found).psk
}

function keyOf(deployment: string, domainKey: DomainKey): NodeKey {
  return {
    identity: identityOf(deployment, domainKey),
    psk: deriveBytes(domainKey.key, LABEL, Buffer.from(deployment)),
  }
}

function identityOf(deployment: string, { version }: DomainKey): string {
  return `${deployment}/${version}`
}
