import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode } from 'cborg'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  attest,
  certify,
  makeChain,
  MODULE_ID,
  payloadOf,
  PCR0,
  PCR8,
  pemOf,
  signPayload,
  SIGNS_CERTIFICATES,
  SIGNS_DOCUMENTS,
  type Chain,
  type ChainChanges,
} from '../../../test/attestation.ts'
import { expectWithin } from '../../../test/expect-within.ts'
import { AttestationError, verifyAttestation } from './attestation.ts'

const MINUTE = 60_000
const YEAR = 365 * 24 * 60 * MINUTE
const recipient = generateKeyPairSync('rsa', { modulusLength: 2048 })
const chain = makeChain()
const roots = [new X509Certificate(chain[0].der)]
const document = attest(chain, recipient.publicKey)

const rootsOf = (of: Chain) => [new X509Certificate(of[0].der)]
const open = (bytes: Buffer, trusted = roots, now = Date.now()) => verifyAttestation(bytes, trusted, now)

/** Why a document is refused. */
function flawOf(bytes: Buffer, trusted = roots, now = Date.now()): string {
  try {
    open(bytes, trusted, now)
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error
    return /^The attestation document is not valid: (.*)\.$/.exec(error.message)?.[1] ?? error.message
  }
  return 'none'
}

/** Why the documents of a chain are refused by who trusts its root. */
const flawOfChain = (of: Chain) => flawOf(attest(of, recipient.publicKey), rootsOf(of))

describe('An attestation document', () => {
  it('tells of its enclave', () => {
    const { of, moduleId, pcrs, publicKey } = open(document)
    expect({ of, moduleId }).toEqual({ of: 'enclave', moduleId: MODULE_ID })
    expect([...pcrs]).toEqual([
      [0, PCR0],
      [8, PCR8],
    ])
    expect(publicKey.equals(recipient.publicKey)).toBe(true)
  })

  it('may be tagged, may carry data of its own, and may be of a NitroTPM', () => {
    expect(open(Buffer.concat([Buffer.of(0xd2), document])).moduleId).toBe(MODULE_ID)
    const more = {
      user_data: Buffer.from('data'),
      nonce: Buffer.of(),
      pcrs: undefined,
      nitrotpm_pcrs: new Map([[7, PCR8]]),
    }
    const { of, pcrs } = open(attest(chain, recipient.publicKey, more))
    expect(of).toBe('tpm')
    expect([...pcrs.keys()]).toEqual([7])
  })

  it('may have a payload of indefinite length, as AWS’s have, and nothing else of such', () => {
    const payload = Buffer.from(payloadOf(chain, recipient.publicKey))
    const endless = Buffer.concat([Buffer.of(0xbf), payload.subarray(1), Buffer.of(0xff)])
    expect(flawOf(signPayload(chain, endless))).toBe('none')
    expect(flawOf(Buffer.concat([Buffer.of(0x9f), document.subarray(1), Buffer.of(0xff)]))).toContain('well-formed')
  })

  it('is refused with one byte of it changed, wherever that is', () => {
    const change = fc.record({ at: fc.nat(document.length - 1), mask: fc.integer({ min: 1, max: 255 }) })
    fc.assert(
      fc.property(change, ({ at, mask }) => {
        const changed = Buffer.from(document)
        changed.writeUInt8(changed.readUInt8(at) ^ mask, at)
        expect(flawOf(changed)).not.toBe('none')
      }),
      { numRuns: 600 },
    )
  })

  it('is refused when it is cut off, and when something follows it', () => {
    fc.assert(
      fc.property(fc.nat(document.length - 1), (length) => {
        expect(flawOf(document.subarray(0, length))).not.toBe('none')
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (more) => {
        expect(flawOf(Buffer.concat([document, more]))).toContain('not well-formed CBOR')
      }),
    )
  })

  it('is nothing that anybody could make up', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(flawOf(Buffer.from(bytes))).not.toBe('none')
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['an array in an array, and so on', Buffer.alloc(262_144, 0x81)],
    ['a map in a map, and so on', Buffer.alloc(262_144, 0xa1)],
    ['tags of tags', Buffer.alloc(262_144, 0xc1)],
    ['an array without an end', Buffer.concat([Buffer.of(0x9f), Buffer.alloc(262_143, 0)])],
    ['an array of more than there could be', Buffer.from('9bffffffffffffffff', 'hex')],
    ['bytes of more than there could be', Buffer.from('845bffffffffffffffff', 'hex')],
    ['very many numbers', Buffer.concat([Buffer.from('9a0003fff0', 'hex'), Buffer.alloc(262_128, 0)])],
    ['bytes without an end', Buffer.from('845f41004100ff', 'hex')],
    ['a length that is longer than it need be', Buffer.concat([Buffer.of(0x98, 4), document.subarray(1)])],
    ['nothing', Buffer.of()],
  ])('is not %s, and that costs next to nothing to see', (_name, bytes) => {
    expectWithin(100, () => expect(flawOf(bytes)).toBe('it is not well-formed CBOR in its shortest form'))
  })

  const header = Buffer.from('a1013822', 'hex')
  const signature = Buffer.alloc(96)
  it.each<readonly [unknown, string]>([
    [new Map(), 'it is not a COSE_Sign1 of four parts'],
    [[header, new Map(), Buffer.of()], 'it is not a COSE_Sign1 of four parts'],
    [[Buffer.from('a1013824', 'hex'), new Map(), Buffer.of(), signature], 'its protected header is not ES384'],
    [[header, new Map([[4, 1]]), Buffer.of(), signature], 'its unprotected header is not empty'],
    [[header, new Map(), 'text', signature], 'its payload is not a byte string'],
    [[header, new Map(), Buffer.of(), signature.subarray(1)], 'its signature has not 96 bytes'],
    [[header, new Map(), Buffer.of(0x80), signature], 'the payload is not a map'],
    [[header, new Map(), Buffer.of(0xa1), signature], 'the payload is not well-formed CBOR in its shortest form'],
  ])('is not %j', (value, flaw) => {
    expect(flawOf(Buffer.from(encode(value)))).toBe(flaw)
  })

  it('has each member once', () => {
    const payload = Buffer.from(payloadOf(chain, recipient.publicKey))
    const twice = Buffer.concat([
      Buffer.of(payload.readUInt8(0) + 1),
      payload.subarray(1),
      encode('digest'),
      encode('x'),
    ])
    expect(flawOf(signPayload(chain, twice))).toBe('the payload is not well-formed CBOR in its shortest form')
  })

  it.each<readonly [Record<string, unknown>, string]>([
    [{ module_id: '' }, 'module_id is not text of 1 to 256 characters'],
    [{ module_id: 7 }, 'module_id is not text of 1 to 256 characters'],
    [{ digest: 'SHA256' }, 'digest is not SHA384'],
    [{ timestamp: undefined }, 'timestamp is not a time in milliseconds'],
    [{ timestamp: 0 }, 'timestamp is not a time in milliseconds'],
    [{ pcrs: undefined }, 'it does not have one of pcrs and nitrotpm_pcrs'],
    [{ nitrotpm_pcrs: new Map([[0, PCR0]]) }, 'it does not have one of pcrs and nitrotpm_pcrs'],
    [{ pcrs: new Map() }, 'pcrs has no register'],
    [{ pcrs: [PCR0] }, 'pcrs is not a map'],
    [{ pcrs: new Map([[32, PCR0]]) }, 'pcrs has a register that is none of 0 to 31'],
    [{ pcrs: new Map([['0', PCR0]]) }, 'pcrs has a register that is none of 0 to 31'],
    [{ pcrs: undefined, nitrotpm_pcrs: new Map([[24, PCR0]]) }, 'nitrotpm_pcrs has a register that is none of 0 to 23'],
    [{ pcrs: new Map([[0, PCR0.subarray(1)]]) }, 'pcrs has a register of a length other than 32, 48, 64 bytes'],
    [{ user_data: Buffer.alloc(1025) }, 'user_data is not a byte string of 0 to 1024 bytes'],
    [{ nonce: 'text' }, 'nonce is not a byte string of 0 to 1024 bytes'],
    [{ cabundle: [] }, 'cabundle is not a list of 1 to 8 certificates'],
    [{ cabundle: Array(9).fill(chain[0].der) }, 'cabundle is not a list of 1 to 8 certificates'],
    [{ cabundle: [Buffer.from('x')] }, 'cabundle holds no certificate'],
    [{ cabundle: [Buffer.from(pemOf(chain[0]))] }, 'cabundle holds more than a certificate in DER'],
    [{ certificate: undefined }, 'certificate is not a byte string of 1 to 1024 bytes'],
    [{ public_key: null }, 'it has no public_key to encrypt the answer for'],
    [{ public_key: undefined }, 'it has no public_key to encrypt the answer for'],
    [{ public_key: Buffer.alloc(1025) }, 'public_key is not a byte string of 1 to 1024 bytes'],
  ])('is refused with %o, signed as it is', (changes, flaw) => {
    expect(flawOf(attest(chain, recipient.publicKey, changes))).toBe(flaw)
  })

  it('needs an RSA key of 2048 bits, with an exponent that encrypts', () => {
    const flaw = 'public_key is not an RSA key of at least 2048 bits as SubjectPublicKeyInfo in DER'
    const of = (key: KeyObject) => flawOf(attest(chain, key))
    expect(of(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey)).toBe(flaw)
    expect(of(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)).toBe(flaw)
    expect(flawOf(attest(chain, recipient.publicKey, { public_key: Buffer.from('x') }))).toBe(flaw)
    expect(of(generateKeyPairSync('rsa', { modulusLength: 3072 }).publicKey)).toBe('none')
    const spki = recipient.publicKey.export({ format: 'der', type: 'spki' })
    // The exponent 65537 stands at the end, as three bytes.
    const even = Buffer.concat([spki.subarray(0, -1), Buffer.of(2)])
    expect(flawOf(attest(chain, recipient.publicKey, { public_key: even }))).toContain('a public exponent')
  })

  it('is as old as five minutes at most, and no more ahead', () => {
    const now = Date.now()
    const aged = (timestamp: number) => flawOf(attest(chain, recipient.publicKey, { timestamp }), roots, now)
    expect(aged(now - 5 * MINUTE)).toBe('none')
    expect(aged(now - 5 * MINUTE - 1)).toBe('it is older than 5 minutes')
    expect(aged(now + 5 * MINUTE)).toBe('none')
    expect(aged(now + 5 * MINUTE + 1)).toBe('it is from more than 5 minutes ahead')
  })
})

describe('The chain of an attestation document', () => {
  it('begins with a root that is trusted, to the last byte', () => {
    const flaw = 'its root certificate is not one that is trusted here'
    expect(flawOf(document, [])).toBe(flaw)
    expect(flawOf(document, rootsOf(makeChain()))).toBe(flaw)
    expect(flawOf(document, [...rootsOf(makeChain()), ...roots])).toBe('none')
    expect(flawOf(attest(chain, recipient.publicKey, { cabundle: chain.slice(1, -1).map((each) => each.der) }))).toBe(
      flaw,
    )
    const [, ...others] = makeChain()
    const forged: Chain = [chain[0], ...others]
    expect(flawOf(attest(forged, recipient.publicKey))).toBe(
      'of its certificates, number 2 of 4 from the root was not issued by the one before it',
    )
  })

  it('has the signature of its last certificate', () => {
    const [root, zone, host] = chain
    if (zone === undefined || host === undefined) throw new Error('a chain has four')
    const other = certify({ name: 'module', issuer: host, isAuthority: false })
    const payload = payloadOf(chain, recipient.publicKey)
    expect(flawOf(signPayload([root, zone, host, other], payload))).toBe('its signature is not that of its certificate')
  })

  const now = Date.now()
  it.each<readonly [string, ChainChanges, string]>([
    ['expired', [undefined, undefined, undefined, { from: now - YEAR, to: now - MINUTE }], 'number 4 of 4'],
    ['expired', [undefined, { from: now - YEAR, to: now - MINUTE }], 'number 2 of 4'],
    ['expired', [{ from: now - YEAR, to: now - MINUTE }], 'number 1 of 4'],
    ['not valid before', [undefined, undefined, { from: now + MINUTE, to: now + YEAR }], 'number 3 of 4'],
    ['not issued by', [undefined, { issuerName: 'another' }], 'number 2 of 4'],
    ['may not issue certificates', [undefined, { isAuthority: false, usage: SIGNS_CERTIFICATES }], 'number 2 of 4'],
    ['may not issue certificates', [undefined, { usage: SIGNS_DOCUMENTS }], 'number 2 of 4'],
    [
      'is of an authority',
      [undefined, undefined, undefined, { isAuthority: true, usage: SIGNS_DOCUMENTS | SIGNS_CERTIFICATES }],
      'number 4 of 4',
    ],
    ['may not sign documents', [undefined, undefined, undefined, { usage: 0x20 }], 'number 4 of 4'],
    ['may not issue so long a chain', [undefined, { pathLength: 0 }], 'number 2 of 4'],
    ['may not issue so long a chain', [{ pathLength: 1 }], 'number 1 of 4'],
    ['has no key on secp384r1', [undefined, { curve: 'P-256' }], 'number 2 of 4'],
    ['is not signed with ecdsa-with-SHA384', [undefined, { hash: 'sha256' }], 'number 2 of 4'],
    ['has a critical extension', [undefined, { unknownExtension: '551d24' }], 'number 2 of 4'],
  ])('is refused where one of it %s', (flaw, changes, place) => {
    const refused = flawOfChain(makeChain(...changes))
    expect(refused).toContain(flaw.replace('expired', 'has expired'))
    expect(refused).toContain(place)
  })

  it('may be as long as its limits allow', () => {
    expect(flawOfChain(makeChain({ pathLength: 2 }))).toBe('none')
    const root = certify({ name: 'root', isAuthority: true, pathLength: 0 })
    expect(flawOfChain([root, certify({ name: 'module', issuer: root, isAuthority: false })])).toBe('none')
  })

  it('is one that OpenSSL verifies as well', () => {
    const directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
    const paths = chain.map((each) => join(directory, `${each.name}.pem`))
    for (const [index, each] of chain.entries()) writeFileSync(paths[index] ?? '', pemOf(each))
    const [root = '', zone = '', host = '', leaf = ''] = paths
    const strict = ['verify', '-CAfile', root, '-untrusted', zone, '-untrusted', host, leaf]
    expect(execFileSync('openssl', strict).toString()).toBe(`${leaf}: OK\n`)
    rmSync(directory, { recursive: true })
  })
})
