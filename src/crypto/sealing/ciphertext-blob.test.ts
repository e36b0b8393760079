import { createSecretKey } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSealer, parseBlob, type EncryptionContext, type Sealer } from './ciphertext-blob.ts'
import { generateMaterial, materialId, scopeArn } from '../material.ts'

const key = { partition: 'aws', region: 'us-east-1', account: '111122223333', keyId: 'mrk-1' }

function sealerOf(material = generateMaterial(), scope = scopeArn(key)): Sealer {
  return createSealer({ material, materialId: materialId(material, scope, 'SYMMETRIC_DEFAULT'), scopeArn: scope })
}

function open(sealer: Sealer, blob: Uint8Array, context: EncryptionContext = {}): string | null {
  const header = parseBlob(blob)
  return header === null ? null : (sealer.open(header, context)?.toString('latin1') ?? null)
}

const seal = (sealer: Sealer, text: string, context: EncryptionContext = {}, now = 0) =>
  sealer.seal(Buffer.from(text, 'latin1'), context, now)

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const nonceOf = (blob: Buffer) => blob.toString('hex', 38, 54)

describe('A ciphertext', () => {
  // The lengths of AWS's own ciphertexts, as they are seen in public samples.
  it.each([
    [0, 152],
    [5, 157],
    [9, 161],
    [32, 184],
    [36, 189],
    [64, 220],
    [69, 225],
    [100, 256],
    [1024, 1186],
    [4096, 4258],
  ])('of %i bytes has %i', (plaintextBytes, blobBytes) => {
    const sealer = sealerOf()
    const blob = seal(sealer, 'x'.repeat(plaintextBytes))
    expect(blob).toHaveLength(blobBytes)
    expect(blob.toString('base64')).toMatch(/^AQICAH/)
    expect(open(sealer, blob)).toBe('x'.repeat(plaintextBytes))
  })

  it('names its material', () => {
    const material = generateMaterial()
    const id = materialId(material, scopeArn(key), 'SYMMETRIC_DEFAULT')
    expect(parseBlob(seal(sealerOf(material), 'x'))?.materialId).toBe(id)
  })

  it('opens in every Region of a multi-Region key, and in one only of a single-Region key', () => {
    const material = generateMaterial()
    const of = (region: string, keyId: string) => sealerOf(material, scopeArn({ ...key, region, keyId }))
    expect(open(of('eu-west-1', 'mrk-1'), seal(of('us-east-1', 'mrk-1'), 'x'))).toBe('x')
    expect(open(of('eu-west-1', '1234'), seal(of('us-east-1', '1234'), 'x'))).toBeNull()
    expect(open(of('us-east-1', 'mrk-2'), seal(of('us-east-1', 'mrk-1'), 'x'))).toBeNull()
  })

  it('opens with the same encryption context in any order, and with no other', () => {
    const sealer = sealerOf()
    const pair = fc.tuple(fc.string(), fc.string())
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 5 }), pair, (pairs, [name, value]) => {
        const context = Object.fromEntries(pairs)
        const blob = seal(sealer, 'x', context)
        expect(open(sealer, blob, Object.fromEntries(Object.entries(context).toReversed()))).toBe('x')
        const other = { ...context, [name]: value }
        const isSame = Object.hasOwn(context, name) && context[name] === value
        expect(open(sealer, blob, other)).toBe(isSame ? 'x' : null)
      }),
    )
  })

  it('tells apart what runs together otherwise', () => {
    const sealer = sealerOf()
    expect(open(sealer, seal(sealer, 'x', { ab: 'c' }), { a: 'bc' })).toBeNull()
    expect(open(sealer, seal(sealer, 'x', { a: '', b: '' }), { a: 'b' })).toBeNull()
  })

  it('does not open with a single bit changed, nor cut short or longer', () => {
    const sealer = sealerOf()
    const blob = seal(sealer, 'text')
    for (let bit = 0; bit < blob.length * 8; bit += 1) {
      const changed = Buffer.from(blob)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(open(sealer, changed)).toBeNull()
    }
    for (let length = 0; length < blob.length; length += 1) expect(open(sealer, blob.subarray(0, length))).toBeNull()
    expect(open(sealer, Buffer.concat([blob, Buffer.of(0)]))).toBeNull()
  })

  it('of nobody’s making is refused without an exception', () => {
    const sealer = sealerOf()
    const start = seal(sealer, 'x').subarray(0, 60)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, hasStart) => {
        expect(open(sealer, hasStart ? Buffer.concat([start, bytes]) : bytes)).toBeNull()
      }),
    )
    expect(parseBlob(Buffer.concat([start, Buffer.from('00'.repeat(10_000), 'hex')]))).toBeNull()
  })

  it('never repeats, and changes its message key in time', () => {
    const sealer = sealerOf()
    const [one, two, later] = [seal(sealer, 'x'), seal(sealer, 'x'), seal(sealer, 'x', {}, 60_000)]
    expect(one.equals(two)).toBe(false)
    expect(nonceOf(one)).toBe(nonceOf(two))
    expect(nonceOf(later)).not.toBe(nonceOf(one))
    expect(open(sealer, later)).toBe('x')
  })

  it('leaves little in memory of each key that was used', async () => {
    const used: Sealer[] = []
    const inUse = (): number => {
      collectGarbage()
      return process.memoryUsage().arrayBuffers
    }
    const before = inUse()
    while (used.length < 500) {
      const sealer = sealerOf()
      used.push(sealer)
      open(sealer, seal(sealer, 'x'))
      // What a request makes besides, in the same 64 KB that small buffers share.
      for (let each = 0; each < 50; each += 1) Buffer.from('x'.repeat(100))
    }
    // What was collected is given back beside, in a moment.
    await expect.poll(() => (inUse() - before) / used.length).toBeLessThan(2048)
  })
})

describe('The id of a material', () => {
  const material = createSecretKey(Buffer.from('07'.repeat(32), 'hex'))

  it('follows from the material, the key and its spec, and from nothing else', () => {
    const id = materialId(material, scopeArn(key), 'SYMMETRIC_DEFAULT')
    expect(id).toMatch(/^[0-9a-f]{64}$/)
    expect(materialId(material, scopeArn({ ...key, region: 'eu-west-1' }), 'SYMMETRIC_DEFAULT')).toBe(id)
    expect(materialId(material, scopeArn({ ...key, account: '444455556666' }), 'SYMMETRIC_DEFAULT')).not.toBe(id)
    expect(materialId(material, scopeArn(key), 'HMAC_256')).not.toBe(id)
    expect(materialId(generateMaterial(), scopeArn(key), 'SYMMETRIC_DEFAULT')).not.toBe(id)
  })
})
