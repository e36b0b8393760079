import type { X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { certificatesPem } from '../../crypto/identity-certificate.ts'
import { privateKeyPem } from '../../crypto/pem.ts'
import type { Region } from '../../domain/region.ts'
import type { Vault } from '../../storage/vault.ts'

const SUFFIX = '.region.keyspan'
/** More certificates than a succession has are not looked at. */
const MOST_SHOWN = 40

/** The name under which a Region is asked for in TLS, where one listener speaks for several. */
export function tlsName(region: Region): string {
  return `${region}${SUFFIX}`
}

/** The Region that a name asks for. */
export function regionNamed(name: string): Region {
  return name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : ''
}

/** What a Region speaks TLS with: its own identity, and how that has come from those before it. */
export function identityContext(identity: Vault['identity']): SecureContext {
  const der = identity.privateKey.export({ format: 'der', type: 'pkcs8' })
  const key = privateKeyPem(der)
  try {
    return createSecureContext({ cert: certificatesPem(identity.succession), key, minVersion: 'TLSv1.3' })
  } finally {
    der.fill(0)
    key.fill(0)
  }
}

/** Who is at the other end of a connection, by what it has proved to hold. */
export interface Shown {
  /** SPKI in DER. */
  readonly publicKey: Buffer
  /** Its certificates, the newest first. */
  readonly succession: readonly Buffer[]
}

/** What whoever is at the other end has shown; null where that is nothing. */
export function shownBy(socket: TLSSocket): Shown | null {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return null
  const succession: Buffer[] = []
  let each: X509Certificate | undefined = certificate
  while (each !== undefined && succession.length < MOST_SHOWN) {
    succession.push(each.raw)
    each = each.issuerCertificate
  }
  return { publicKey: certificate.publicKey.export({ format: 'der', type: 'spki' }), succession }
}
