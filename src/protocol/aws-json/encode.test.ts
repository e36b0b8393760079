import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeBody } from './encode.ts'

describe('An answer', () => {
  it('holds blobs in base64, whatever kind of bytes they are, and times in seconds with milliseconds', () => {
    const bytes = Uint8Array.of(9, 0xfb, 0xff, 9).subarray(1, 3)
    const output = { Blob: Buffer.from([0xfb, 0xff]), Bytes: bytes, At: new Date(1_606_329_032_475) }
    expect(encodeBody(output)).toBe('{"Blob":"+/8=","Bytes":"+/8=","At":1606329032.475}')
  })

  it('omits what is not there, and never says null', () => {
    const output = { A: undefined, B: null, C: { D: undefined, E: 0 }, F: [undefined, '', null, false] }
    expect(encodeBody(output)).toBe('{"C":{"E":0},"F":["",false]}')
  })

  it('is empty where the operation has no output, and an object where it has an empty one', () => {
    expect(encodeBody(undefined)).toBe('')
    expect(encodeBody({})).toBe('{}')
  })

  it('keeps every name that a client chose', () => {
    const context = JSON.parse('{"__proto__":"a","constructor":"b","toJSON":"c"}') as object
    expect(encodeBody({ Context: context })).toBe('{"Context":{"__proto__":"a","constructor":"b","toJSON":"c"}}')
  })

  it('does not hold a time that is none', () => {
    expect(() => encodeBody({ At: new Date(Number.NaN) })).toThrow(TypeError)
  })

  it('reads back as what it was made from, where that is JSON without null', () => {
    const json = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, fc.string(), fc.boolean(), fc.integer(), tie('list'), tie('object')),
      list: fc.array(tie('value'), { maxLength: 4 }),
      object: fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('value'), { maxKeys: 4 }),
    }))
    fc.assert(
      fc.property(json.object, (object) => {
        const output = JSON.parse(JSON.stringify(object)) as Record<string, unknown>
        expect(JSON.parse(encodeBody(output))).toEqual(output)
      }),
    )
  })
})
