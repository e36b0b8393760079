import { createCipheriv, hash, randomBytes, type KeyObject } from 'node:crypto'
import { der, indefinite, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, SET } from '../der.ts'
import { encryptOaep } from '../oaep.ts'
import { randomSecret } from '../random.ts'

/** The version of both structures where the recipient is named by its key (RFC 5652, sections 6.1 and 6.2.1). */
const VERSION = der(INTEGER, Buffer.of(2))
const NULL = Buffer.of(0x05, 0x00)
/** Tags of the choices and of the optional members in those structures. */
const CONTENT = 0xa0
const SUBJECT_KEY_IDENTIFIER = 0x80
const OAEP_HASH = 0xa0
const OAEP_MASK = 0xa1

const ENVELOPED_DATA = oid('2a864886f70d010703')
const DATA = oid('2a864886f70d010701')
const SHA_256 = der(SEQUENCE, oid('608648016503040201'), NULL)
const MGF1_SHA_256 = der(SEQUENCE, oid('2a864886f70d010108'), SHA_256)
/** RSAES-OAEP with SHA-256 for both of its hashes, and no label (RFC 4055, section 4.1). */
const OAEP_SHA_256 = der(
  SEQUENCE,
  oid('2a864886f70d010107'),
  der(SEQUENCE, der(OAEP_HASH, SHA_256), der(OAEP_MASK, MGF1_SHA_256)),
)
const AES_256_CBC = oid('60864801650304012a')

const KEY_BYTES = 32
const IV_BYTES = 16

/**
 * Encrypts for the holder of an RSA key: a CMS EnvelopedData (RFC 5652, section 6) with the only recipient named by
 * the SHA-256 of its public key (RFC 7093, section 2, method 4).
 *
 * The layout is that of AWS KMS, indefinite lengths included: the SDK for Nitro Enclaves reads no other.
 */
export function envelop(recipient: KeyObject, plaintext: Uint8Array): Buffer {
  const key = randomSecret(KEY_BYTES)
  try {
    const iv = randomBytes(IV_BYTES)
    const cipher = createCipheriv('aes-256-cbc', key, iv)
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
    const encryptedKey = encryptOaep({ publicKey: recipient }, 'RSAES_OAEP_SHA_256', key)
    const name = hash('sha256', recipient.export({ format: 'der', type: 'spki' }), 'buffer')
    const keyTransport = der(
      SEQUENCE,
      VERSION,
      der(SUBJECT_KEY_IDENTIFIER, name),
      OAEP_SHA_256,
      der(OCTET_STRING, encryptedKey),
    )
    const content = indefinite(
      SEQUENCE,
      DATA,
      der(SEQUENCE, AES_256_CBC, der(OCTET_STRING, iv)),
      indefinite(CONTENT, der(OCTET_STRING, ciphertext)),
    )
    const enveloped = indefinite(SEQUENCE, VERSION, der(SET, keyTransport), content)
    return indefinite(SEQUENCE, ENVELOPED_DATA, indefinite(CONTENT, enveloped))
  } finally {
    key.fill(0)
  }
}

function oid(hex: string): Buffer {
  return der(OBJECT_IDENTIFIER, Buffer.from(hex, 'hex'))
}
