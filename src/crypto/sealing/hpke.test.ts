import { Aes256Gcm, CipherSuite, DhkemP384HkdfSha384, HkdfSha384 } from '@hpke/core'
import { describe, expect, it } from 'vitest'
import { createPrivateKey } from 'node:crypto'
import { createReceiver, createSender, generateKemKeyPair, type HpkeSuite } from './hpke.ts'

const INFO = Buffer.from('info')
const AAD = Buffer.from('aad')
const suite = new CipherSuite({ kem: new DhkemP384HkdfSha384(), kdf: new HkdfSha384(), aead: new Aes256Gcm() })
const arrayBuffer = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer

/** DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM. */
const P256_SUITE: HpkeSuite = {
  kem: 0x0010,
  kdf: 0x0001,
  aead: 0x0001,
  curve: 'P-256',
  spkiPrefix: Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex'),
  pointBytes: 65,
  hash: 'sha256',
  hashBytes: 32,
  cipher: 'aes-128-gcm',
  keyBytes: 16,
}

/** RFC 9180, A.3.1 and its first encryption (A.3.1.1). */
const RFC_9180_A31 = {
  skRm: 'f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2',
  pkRm:
    '04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a82' +
    '6a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0',
  enc:
    '04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac9' +
    '8536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4',
  ct: '5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434',
}

describe('HPKE', () => {
  it('opens what it has sealed, in the same order', () => {
    const { publicKey, privateKey } = generateKemKeyPair()
    const sender = createSender(publicKey, INFO)
    const receiver = createReceiver(privateKey, sender.enc, INFO)
    for (const text of ['first', '', 'third']) {
      expect(receiver.open(AAD, sender.seal(AAD, Buffer.from(text)))?.toString()).toBe(text)
    }
  })

  it('still opens the next message after one that is not authentic', () => {
    const { publicKey, privateKey } = generateKemKeyPair()
    const sender = createSender(publicKey, INFO)
    const receiver = createReceiver(privateKey, sender.enc, INFO)
    const sealed = sender.seal(AAD, Buffer.from('first'))
    expect(receiver.open(Buffer.from('other'), sealed)).toBeNull()
    expect(receiver.open(AAD, sealed)?.toString()).toBe('first')
  })

  it('opens the message of RFC 9180, A.3.1', () => {
    const point = Buffer.from(RFC_9180_A31.pkRm, 'hex')
    const jwk = {
      kty: 'EC',
      crv: 'P-256',
      d: Buffer.from(RFC_9180_A31.skRm, 'hex').toString('base64url'),
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    }
    const privateKey = createPrivateKey({ key: jwk, format: 'jwk' })
    const info = Buffer.from('Ode on a Grecian Urn')
    const receiver = createReceiver(privateKey, Buffer.from(RFC_9180_A31.enc, 'hex'), info, P256_SUITE)
    const opened = receiver.open(Buffer.from('Count-0'), Buffer.from(RFC_9180_A31.ct, 'hex'))
    expect(opened?.toString()).toBe('Beauty is truth, truth beauty')
  })

  it('can pass over a message', () => {
    const { publicKey, privateKey } = generateKemKeyPair()
    const sender = createSender(publicKey, INFO)
    const receiver = createReceiver(privateKey, sender.enc, INFO)
    sender.seal(AAD, Buffer.from('unwanted'))
    receiver.skip()
    expect(receiver.open(AAD, sender.seal(AAD, Buffer.from('wanted')))?.toString()).toBe('wanted')
  })

  it('seals what another implementation opens (@hpke/core)', async () => {
    const pair = await suite.kem.generateKeyPair()
    const publicKey = Buffer.from(await suite.kem.serializePublicKey(pair.publicKey))
    const sender = createSender(publicKey, INFO)
    const recipient = await suite.createRecipientContext({
      recipientKey: pair.privateKey,
      enc: arrayBuffer(sender.enc),
      info: arrayBuffer(INFO),
    })
    for (const text of ['one', 'two']) {
      const opened = await recipient.open(arrayBuffer(sender.seal(AAD, Buffer.from(text))), arrayBuffer(AAD))
      expect(Buffer.from(opened).toString()).toBe(text)
    }
  })

  it('opens what another implementation seals (@hpke/core)', async () => {
    const { publicKey, privateKey } = generateKemKeyPair()
    const recipientPublicKey = await suite.kem.deserializePublicKey(arrayBuffer(publicKey))
    const sender = await suite.createSenderContext({ recipientPublicKey, info: arrayBuffer(INFO) })
    const receiver = createReceiver(privateKey, Buffer.from(sender.enc), INFO)
    for (const text of ['one', 'two']) {
      const sealed = Buffer.from(await sender.seal(arrayBuffer(Buffer.from(text)), arrayBuffer(AAD)))
      expect(receiver.open(AAD, sealed)?.toString()).toBe(text)
    }
  })

  it('opens nothing that was changed, replayed, cut short or meant for something else', () => {
    const { publicKey, privateKey } = generateKemKeyPair()
    const sender = createSender(publicKey, INFO)
    const sealed = sender.seal(AAD, Buffer.from('text'))
    const open = (info: Buffer, aad: Buffer, message: Uint8Array) =>
      createReceiver(privateKey, sender.enc, info).open(aad, message)
    expect(open(INFO, AAD, sealed)?.toString()).toBe('text')
    expect(open(Buffer.from('other'), AAD, sealed)).toBeNull()
    expect(open(INFO, Buffer.from('other'), sealed)).toBeNull()
    for (let length = 0; length < sealed.length; length += 1) {
      expect(open(INFO, AAD, sealed.subarray(0, length))).toBeNull()
      const changed = Buffer.from(sealed)
      changed[length] = (changed[length] ?? 0) ^ 1
      expect(open(INFO, AAD, changed)).toBeNull()
    }
    const receiver = createReceiver(privateKey, sender.enc, INFO)
    receiver.open(AAD, sealed)
    expect(receiver.open(AAD, sealed)).toBeNull()
  })

  it('takes only whole points of its curve', () => {
    const { publicKey } = generateKemKeyPair()
    const offCurve = Buffer.from(publicKey)
    offCurve[96] = (offCurve[96] ?? 0) ^ 1
    const compressed = Buffer.concat([Buffer.of(2), publicKey.subarray(1, 49)])
    for (const point of [Buffer.of(), publicKey.subarray(1), offCurve, compressed, Buffer.of(4)]) {
      expect(() => createSender(point, INFO)).toThrow(/uncompressed point|Failed to read asymmetric key/)
    }
  })
})
