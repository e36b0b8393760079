import { Aes256Gcm, CipherSuite, DhkemP384HkdfSha384, HkdfSha384 } from '@hpke/core'
import { describe, expect, it } from 'vitest'
import { createReceiver, createSender, generateKemKeyPair } from './hpke.ts'

const INFO = Buffer.from('info')
const AAD = Buffer.from('aad')
const suite = new CipherSuite({ kem: new DhkemP384HkdfSha384(), kdf: new HkdfSha384(), aead: new Aes256Gcm() })
const arrayBuffer = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer

describe('HPKE', () => {
  it('opens what it has sealed, in the same order', () => {
    const { publicKey, privateKey } = generateKemKeyPair()
    const sender = createSender(publicKey, INFO)
    const receiver = createReceiver(privateKey, sender.enc, INFO)
    for (const text of ['first', '', 'third']) {
      expect(receiver.open(AAD, sender.seal(AAD, Buffer.from(text)))?.toString()).toBe(text)
    }
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
      expect(() => createSender(point, INFO)).toThrow()
    }
  })
})
