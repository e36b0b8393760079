import { hash, sign, X509Certificate, type KeyObject } from 'node:crypto'
import { der, INTEGER, OBJECT_IDENTIFIER, SEQUENCE, SET } from './der.ts'

const BIT_STRING = 0x03
const UTF8_STRING = 0x0c
const UTC_TIME = 0x17
const GENERALIZED_TIME = 0x18
const VERSION = 0xa0

/** ecdsa-with-SHA384, 1.2.840.10045.4.3.3 (RFC 5758). */
const ECDSA_SHA384 = der(SEQUENCE, der(OBJECT_IDENTIFIER, Buffer.from('2a8648ce3d040303', 'hex')))
/** commonName, 2.5.4.3. */
const COMMON_NAME = der(OBJECT_IDENTIFIER, Buffer.from('550403', 'hex'))
/** "No well-defined expiration date" (RFC 5280, section 4.1.2.5). */
const FOR_EVER = der(GENERALIZED_TIME, Buffer.from('99991231235959Z'))
const V3 = der(VERSION, der(INTEGER, Buffer.of(2)))

/** Of how many predecessors a succession tells at most. */
const LONGEST = 32

/**
 * The certificate of a Region's identity (X.509, RFC 5280), signed by itself or by its predecessor. Only its public key
 * counts: whoever checks it compares it with the one that was enrolled. It has no end.
 *
 * @returns DER
 */
export function identityCertificate(name: string, publicKey: Buffer, signer: KeyObject): Buffer {
  const serial = der(INTEGER, Buffer.concat([Buffer.of(1), hash('sha256', publicKey, 'buffer').subarray(0, 16)]))
  const names = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, Buffer.from(name)))))
  const validity = der(SEQUENCE, der(UTC_TIME, Buffer.from('200101000000Z')), FOR_EVER)
  const content = der(SEQUENCE, V3, serial, ECDSA_SHA384, names, validity, names, publicKey)
  const signature = der(BIT_STRING, Buffer.of(0), sign('sha384', content, signer))
  return der(SEQUENCE, content, ECDSA_SHA384, signature)
}

/**
 * A succession that goes on with another identity.
 *
 * @param former the certificates before, the newest first, of which the last is signed by itself
 */
export function succeededBy(newest: Buffer, former: readonly Buffer[]): readonly Buffer[] {
  return [newest, ...former.slice(0, LONGEST)]
}

/** Certificates as they are shown in TLS, the newest first. */
export function certificatesPem(certificates: readonly Buffer[]): string {
  return certificates.map(pemOf).join('')
}

/**
 * Whether a key is a successor of another: it is that of the first of these certificates, and each key has signed the
 * certificate of the next one. What cannot be read shows nothing.
 */
export function isSuccessor(publicKey: Buffer, certificates: readonly Buffer[], former: Buffer): boolean {
  try {
    const read = certificates.slice(0, LONGEST + 1).map((each) => new X509Certificate(each))
    const keys = read.map((each) => each.publicKey)
    const spkis = keys.map((key) => key.export({ format: 'der', type: 'spki' }))
    if (spkis[0]?.equals(publicKey) !== true) return false
    const at = spkis.findIndex((each) => each.equals(former))
    // SECURITY: the one that is known is asked first: a stranger's certificates cost one verification.
    for (let next = at - 1; next >= 0; next -= 1) {
      const signer = keys[next + 1]
      if (signer === undefined || read[next]?.verify(signer) !== true) return false
    }
    return at > 0
  } catch {
    return false
  }
}

function pemOf(certificate: Buffer): string {
  const lines = certificate.toString('base64').replaceAll(/.{64}/g, '$&\n')
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}
