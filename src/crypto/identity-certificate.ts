import { hash, sign, type KeyObject } from 'node:crypto'
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

/**
 * The certificate of a Region's identity, signed by itself (X.509, RFC 5280). Only its public key counts: whoever
 * checks it compares it with the one that was enrolled. It has no end.
 *
 * @returns PEM
 */
export function identityCertificate(
  name: string,
  { publicKey, privateKey }: { readonly publicKey: Buffer; readonly privateKey: KeyObject },
): string {
  const serial = der(INTEGER, Buffer.concat([Buffer.of(1), hash('sha256', publicKey, 'buffer').subarray(0, 16)]))
  const names = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, Buffer.from(name)))))
  const validity = der(SEQUENCE, der(UTC_TIME, Buffer.from('200101000000Z')), FOR_EVER)
  const content = der(SEQUENCE, V3, serial, ECDSA_SHA384, names, validity, names, publicKey)
  const signature = der(BIT_STRING, Buffer.of(0), sign('sha384', content, privateKey))
  const certificate = der(SEQUENCE, content, ECDSA_SHA384, signature)
  const lines = certificate.toString('base64').replaceAll(/.{64}/g, '$&\n')
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}
