import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { encode } from 'cborg'
import { der, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, SET } from '../src/crypto/der.ts'

/** A public key infrastructure like that behind attestation documents, and the documents themselves. */

const HOUR = 60 * 60 * 1000

/** Bits of a key's usage (RFC 5280, section 4.2.1.3). */
export const SIGNS_DOCUMENTS = 0x80
export const SIGNS_CERTIFICATES = 0x04

/** Somebody with a key and a certificate for it. */
export interface Certified {
  readonly name: string
  readonly der: Buffer
  readonly privateKey: KeyObject
}

interface CertificateOptions {
  readonly name: string
  /** Nobody issues a root but itself. */
  readonly issuer?: Certified
  readonly isAuthority: boolean
  readonly pathLength?: number
  readonly usage?: number
  readonly from?: number
  readonly to?: number
  readonly curve?: string
  readonly hash?: 'sha256' | 'sha384'
  /** The id, in hex, of an extension that is critical and that nobody knows. */
  readonly unknownExtension?: string
  /** What the certificate says of its issuer, where that is not so. */
  readonly issuerName?: string
}

const BIT_STRING = 0x03
const ECDSA: Readonly<Record<'sha256' | 'sha384', string>> = { sha256: '2a8648ce3d040302', sha384: '2a8648ce3d040303' }

const oid = (hex: string) => der(OBJECT_IDENTIFIER, Buffer.from(hex, 'hex'))
const nameOf = (text: string) => der(SEQUENCE, der(SET, der(SEQUENCE, oid('550403'), der(0x0c, Buffer.from(text)))))
const timeOf = (time: number) =>
  der(0x17, Buffer.from(`${new Date(time).toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`))
const critical = (id: string, value: Buffer) =>
  der(SEQUENCE, oid(id), der(0x01, Buffer.of(0xff)), der(OCTET_STRING, value))

/** Makes a key and a certificate for it (RFC 5280, section 4.1). */
export function certify(options: CertificateOptions): Certified {
  const { name, issuer, isAuthority, pathLength, curve = 'P-384', hash = 'sha384', unknownExtension } = options
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve })
  const { from = Date.now() - HOUR, to = Date.now() + HOUR } = options
  const usage = options.usage ?? (isAuthority ? SIGNS_CERTIFICATES : SIGNS_DOCUMENTS)
  const limits = [
    ...(isAuthority ? [der(0x01, Buffer.of(0xff))] : []),
    ...(pathLength === undefined ? [] : [der(INTEGER, Buffer.of(pathLength))]),
  ]
  const extensions = [
    critical('551d13', der(SEQUENCE, ...limits)),
    critical('551d0f', der(BIT_STRING, Buffer.of(0, usage))),
    ...(unknownExtension === undefined ? [] : [critical(unknownExtension, der(SEQUENCE))]),
  ]
  const algorithm = der(SEQUENCE, oid(ECDSA[hash]))
  const body = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, Buffer.of(2))),
    der(INTEGER, Buffer.of(1)),
    algorithm,
    nameOf(options.issuerName ?? issuer?.name ?? name),
    der(SEQUENCE, timeOf(from), timeOf(to)),
    nameOf(name),
    publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, der(SEQUENCE, ...extensions)),
  )
  const signature = sign(hash, body, issuer?.privateKey ?? privateKey)
  return {
    name,
    der: der(SEQUENCE, body, algorithm, der(BIT_STRING, Buffer.of(0), signature)),
    privateKey,
  }
}

/** A certificate as PEM. */
export function pemOf({ der: bytes }: Certified): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

/** A chain from its root to the one that signs documents. */
export type Chain = readonly [Certified, ...Certified[]]

export type ChainChanges = readonly (Partial<CertificateOptions> | undefined)[]

/** A chain as AWS's is: a root, two authorities below it, and the signer. `changes` are to each in this order. */
export function makeChain(...changes: ChainChanges): Chain {
  const root = certify({ name: 'root', isAuthority: true, ...changes[0] })
  const zone = certify({ name: 'zone', issuer: root, isAuthority: true, pathLength: 1, ...changes[1] })
  const host = certify({ name: 'host', issuer: zone, isAuthority: true, pathLength: 0, ...changes[2] })
  const signer = certify({ name: 'module', issuer: host, isAuthority: false, ...changes[3] })
  return [root, zone, host, signer]
}

/** The measurements of the enclave that documents are about, unless a test says otherwise. */
export const PCR0 = Buffer.alloc(48, 0xa0)
export const PCR8 = Buffer.alloc(48, 0x88)
export const MODULE_ID = 'i-0123456789abcdef0-enc0123456789abcdef'

/** The payload of a document. */
export function payloadOf(chain: Chain, recipient: KeyObject, changes: Readonly<Record<string, unknown>> = {}) {
  const members: Record<string, unknown> = {
    module_id: MODULE_ID,
    timestamp: Date.now(),
    digest: 'SHA384',
    pcrs: new Map([
      [0, PCR0],
      [8, PCR8],
    ]),
    certificate: chain.at(-1)?.der,
    cabundle: chain.slice(0, -1).map((each) => each.der),
    public_key: recipient.export({ format: 'der', type: 'spki' }),
    user_data: null,
    nonce: null,
    ...changes,
  }
  const given = Object.entries(members).filter(([, value]) => value !== undefined)
  return encode(new Map(given))
}

/** Signs a payload as the last of a chain (RFC 9052, section 4.4). */
export function signPayload(chain: Chain, payload: Uint8Array): Buffer {
  const key = chain.at(-1)?.privateKey
  if (key === undefined) throw new Error('a chain has a signer')
  const header = Buffer.from('a1013822', 'hex')
  const signed = encode(['Signature1', header, Buffer.of(), payload])
  const signature = sign('sha384', signed, { key, dsaEncoding: 'ieee-p1363' })
  return Buffer.from(encode([header, new Map(), payload, signature]))
}

/** An attestation document. */
export function attest(chain: Chain, recipient: KeyObject, changes: Readonly<Record<string, unknown>> = {}): Buffer {
  return signPayload(chain, payloadOf(chain, recipient, changes))
}
