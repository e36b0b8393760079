import { createSecretKey, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { generateSigningKey } from '../crypto/region-signature.ts'
import { claimedDestination, createPull, createReply, readPull, readReply, type Passage } from './exchange.ts'
import { ExchangeError, type Signed } from './signed.ts'

const source = generateSigningKey()
const destination = generateSigningKey()
const cursor = { source: 'us-east-1', incarnation: 'i', seq: 0, hash: Buffer.from('00'.repeat(32), 'hex') }
const entry = { seq: 1, account: '111122223333', keyId: 'mrk-1', body: '{}', hash: Buffer.from('h') }
const passage: Passage = {
  keyId: 'mrk-1',
  account: '111122223333',
  scopeArn: 'arn:aws:kms::111122223333:key/mrk-1',
  spec: 'SYMMETRIC_DEFAULT',
  usage: 'ENCRYPT_DECRYPT',
  origin: 'AWS_KMS',
  materialId: 'm',
  generation: 1,
  source: 'us-east-1',
  destination: 'eu-west-1',
  seq: 1,
}
const bytes = Buffer.from('07'.repeat(32), 'hex')

function ask() {
  const start = { seq: 0, hash: '' }
  return createPull(destination, 'eu-west-1', cursor, 10, { life: 'own', start, isLost: false })
}

function answer(request: Signed, passages: readonly Passage[] = [passage]): Signed {
  const pull = readPull(request, destination.publicKey)
  const materials = new Map<Passage, KeyObject>(passages.map((each) => [each, createSecretKey(bytes)]))
  return createReply(source, request, pull, [entry], () => materials)
}

describe('An exchange between Regions', () => {
  it('brings a material to the one that asked, and to nobody else', () => {
    const { pull, recipient } = ask()
    const reply = readReply(answer(pull), source.publicKey, pull, recipient)
    const [sealed] = reply.entries[0]?.materials ?? []
    if (sealed === undefined) throw new Error('The reply brings a material.')
    expect(reply.open(passage, sealed)).toEqual(bytes)

    const other = ask()
    const stranger = readReply(answer(pull), source.publicKey, pull, other.recipient)
    const [again] = stranger.entries[0]?.materials ?? []
    expect(stranger.open(passage, again ?? sealed)).toBeNull()
  })

  it('shows no byte of a material on its way', () => {
    const { pull } = ask()
    const { payload } = answer(pull)
    for (const form of [bytes, Buffer.from(bytes.toString('hex')), Buffer.from(bytes.toString('base64'))]) {
      expect(payload.includes(form)).toBe(false)
    }
  })

  it('binds a material to its key, its place in the stream and both Regions', () => {
    const changes: readonly Partial<Passage>[] = [
      { keyId: 'mrk-2' },
      { account: '444455556666' },
      { generation: 2 },
      { seq: 2 },
      { destination: 'eu-central-1' },
      { source: 'eu-central-1' },
      { materialId: 'n' },
      { usage: 'SIGN_VERIFY' },
    ]
    for (const change of changes) {
      const { pull, recipient } = ask()
      const reply = readReply(answer(pull), source.publicKey, pull, recipient)
      const [sealed] = reply.entries[0]?.materials ?? []
      if (sealed === undefined) throw new Error('The reply brings a material.')
      expect(reply.open({ ...passage, ...change }, sealed)).toBeNull()
    }
  })

  it('can pass over a material and open the next', () => {
    const { pull, recipient } = ask()
    const second = { ...passage, materialId: 'second' }
    const reply = readReply(answer(pull, [passage, second]), source.publicKey, pull, recipient)
    reply.skip()
    const [, sealed] = reply.entries[0]?.materials ?? []
    if (sealed === undefined) throw new Error('The reply brings two materials.')
    expect(reply.open(second, sealed)).toEqual(bytes)
  })

  it('is refused where a signature is not the Region’s own, or a reply answers another pull', () => {
    const { pull, recipient } = ask()
    expect(() => readPull(pull, source.publicKey)).toThrow(ExchangeError)
    const reply = answer(pull)
    expect(() => readReply(reply, destination.publicKey, pull, recipient)).toThrow(ExchangeError)
    const later = ask()
    expect(() => readReply(reply, source.publicKey, later.pull, later.recipient)).toThrow(ExchangeError)
    // A pull is no reply, whoever has signed it.
    expect(() => readReply(pull, destination.publicKey, pull, recipient)).toThrow(ExchangeError)
  })

  it('is refused where a single byte has changed', () => {
    const { pull, recipient } = ask()
    const reply = answer(pull)
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), (place, change, inPayload) => {
        const spoil = (signed: Signed): Signed => {
          const part = Buffer.from(inPayload ? signed.payload : signed.signature)
          part[place % part.length] = (part[place % part.length] ?? 0) ^ change
          return inPayload ? { ...signed, payload: part } : { ...signed, signature: part }
        }
        expect(() => readPull(spoil(pull), destination.publicKey)).toThrow(ExchangeError)
        expect(() => readReply(spoil(reply), source.publicKey, pull, recipient)).toThrow(ExchangeError)
      }),
      { numRuns: 30 },
    )
  })

  it('of nobody’s making is refused, and no other error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json()), fc.uint8Array(), (payload, signature) => {
        const signed = { payload: Buffer.from(payload), signature: Buffer.from(signature) }
        expect(() => readPull(signed, destination.publicKey)).toThrow(ExchangeError)
        try {
          expect(typeof claimedDestination(signed)).toBe('string')
        } catch (error) {
          expect(error).toBeInstanceOf(ExchangeError)
        }
      }),
    )
  })
})
