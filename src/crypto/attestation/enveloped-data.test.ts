import { constants, createDecipheriv, generateKeyPairSync, hash, privateDecrypt, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { envelop } from './enveloped-data.ts'

const keys = [2048, 3072, 4096].map((modulusLength) => generateKeyPairSync('rsa', { modulusLength }))

/** An element of BER, with what is inside it where it is constructed. */
interface Node {
  readonly tag: number
  readonly content: Buffer
  readonly isIndefinite: boolean
  readonly inside: readonly Node[]
}

/** A parser of BER (X.690, section 8.1) that shares nothing with the writer. */
function parse(bytes: Buffer, from: number): { node: Node; end: number } {
  const tag = bytes.readUInt8(from)
  const first = bytes.readUInt8(from + 1)
  const inside: Node[] = []
  if (first === 0x80) {
    let at = from + 2
    while (bytes.readUInt16BE(at) !== 0) {
      const { node, end } = parse(bytes, at)
      inside.push(node)
      at = end
    }
    return { node: { tag, content: bytes.subarray(from + 2, at), isIndefinite: true, inside }, end: at + 2 }
  }
  const size = first < 0x80 ? 0 : first - 0x80
  const length = size === 0 ? first : bytes.readUIntBE(from + 2, size)
  const start = from + 2 + size
  const end = start + length
  if (end > bytes.length) throw new Error('an element ends behind the message')
  let at = (tag & 0x20) === 0 ? end : start
  while (at < end) {
    const part = parse(bytes, at)
    inside.push(part.node)
    at = part.end
  }
  return { node: { tag, content: bytes.subarray(start, end), isIndefinite: false, inside }, end }
}

const child = (node: Node | undefined, ...path: readonly number[]): Node => {
  let found = node
  for (const index of path) found = found?.inside[index]
  if (found === undefined) throw new Error(`nothing at ${path.join('.')}`)
  return found
}

/** Opens a message by RFC 5652 alone. */
function open(message: Buffer, privateKey: KeyObject): Buffer {
  const { node: info, end } = parse(message, 0)
  expect(end).toBe(message.length)
  const enveloped = child(info, 1, 0)
  const recipients = child(enveloped, 1)
  expect(recipients.inside).toHaveLength(1)
  const encryptedKey = child(recipients, 0, 3).content
  const oaep = { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }
  const iv = child(enveloped, 2, 1, 1).content
  const decipher = createDecipheriv('aes-256-cbc', privateDecrypt(oaep, encryptedKey), iv)
  return Buffer.concat([decipher.update(child(enveloped, 2, 2, 0).content), decipher.final()])
}

describe('EnvelopedData', () => {
  it('opens to what was put in, for a key of any size', () => {
    const plaintext = fc.uint8Array({ minLength: 1, maxLength: 5000 })
    fc.assert(
      fc.property(plaintext, fc.constantFrom(...keys), (bytes, { publicKey, privateKey }) => {
        expect(open(envelop(publicKey, bytes), privateKey)).toEqual(Buffer.from(bytes))
      }),
      { numRuns: 60 },
    )
  })

  it('has indefinite lengths where AWS’s SDK for Nitro Enclaves wants them, and definite ones elsewhere', () => {
    const [pair] = keys
    if (pair === undefined) throw new Error('there are keys')
    const { node: info } = parse(envelop(pair.publicKey, Buffer.from('x')), 0)
    const enveloped = child(info, 1, 0)
    const content = child(enveloped, 2)
    for (const node of [info, child(info, 1), enveloped, content, child(content, 2)]) {
      expect(node.isIndefinite).toBe(true)
    }
    for (const node of [child(enveloped, 1), child(enveloped, 1, 0), child(content, 1), child(content, 2, 0)]) {
      expect(node.isIndefinite).toBe(false)
    }
    expect(child(enveloped, 0).content).toEqual(Buffer.of(2))
    expect(child(enveloped, 1, 0, 0).content).toEqual(Buffer.of(2))
    const { tag, content: name } = child(enveloped, 1, 0, 1)
    expect(tag).toBe(0x80)
    expect(name).toEqual(hash('sha256', pair.publicKey.export({ format: 'der', type: 'spki' }), 'buffer'))
  })

  it('is another each time', () => {
    const [pair] = keys
    if (pair === undefined) throw new Error('there are keys')
    const messages = Array.from({ length: 20 }, () => envelop(pair.publicKey, Buffer.from('x')).toString('hex'))
    expect(new Set(messages).size).toBe(20)
  })
})
