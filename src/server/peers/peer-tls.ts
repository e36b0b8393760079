import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { identityCertificate } from '../../crypto/identity-certificate.ts'
import { privateKeyPem } from '../../crypto/pem.ts'
import type { Region } from '../../domain/region.ts'
import type { Vault } from '../../storage/vault.ts'

const SUFFIX = '.region.keyspan'

/** The name under which a Region is asked for in TLS, where one listener speaks for several. */
export function tlsName(region: Region): string {
  return `${region}${SUFFIX}`
}

/** The Region that a name asks for. */
export function regionNamed(name: string): Region {
  return name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : ''
}

/** What a Region speaks TLS with: its own identity. */
export function identityContext(region: Region, identity: Vault['identity']): SecureContext {
  const der = identity.privateKey.export({ format: 'der', type: 'pkcs8' })
  const key = privateKeyPem(der)
  try {
    return createSecureContext({ cert: identityCertificate(region, identity), key, minVersion: 'TLSv1.3' })
  } finally {
    der.fill(0)
    key.fill(0)
  }
}

/** The public key that whoever is at the other end has proved to hold; null where there is none. */
export function provenKey(socket: TLSSocket): Buffer | null {
  const certificate = socket.getPeerX509Certificate()
  return certificate === undefined ? null : certificate.publicKey.export({ format: 'der', type: 'spki' })
}
