import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WireError } from '../../kernel/errors.ts'
import { decodeJson, targetOf } from './decode.ts'

const read = (text: string) => decodeJson(Buffer.from(text))
const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`

describe('A body', () => {
  it('is an object, and an empty one without members', () => {
    expect(read('{"KeyId":"a","Limit":1}')).toEqual({ KeyId: 'a', Limit: 1 })
    expect(read('')).toEqual({})
  })

  it.each(['null', '1', '"a"', '[]', '{', '{}{}', "{'a':1}", '{"a":01}', '{"a":1,}', '\u0000', ' '])(
    'is refused where it is %j',
    (text) => {
      expect(() => read(text)).toThrow(WireError)
    },
  )

  it('is strict UTF-8', () => {
    expect(read('{"a":"ü€😀"}')).toEqual({ a: 'ü€😀' })
    for (const bytes of ['\xff', '\xc3', '\xc0\x80', '\xed\xa0\x80']) {
      expect(() => decodeJson(Buffer.from(`{"a":"${bytes}"}`, 'latin1'))).toThrow(WireError)
    }
  })

  it('holds text that has bytes: no half of a surrogate pair, neither in a value nor in a name', () => {
    expect(read('{"a":"\\ud83d\\ude00"}')).toEqual({ a: '😀' })
    for (const text of ['{"a":"\\ud83d"}', '{"a":{"b":["\\uDE00x"]}}', '{"\\ud83d":1}', '{"a":"\\ude00\\ud83d"}']) {
      expect(() => read(text)).toThrow(WireError)
    }
  })

  it('is nested 32 levels deep at most, and one of a million levels does no harm', () => {
    expect(read(nested(32))).toHaveProperty('a')
    expect(() => read(nested(33))).toThrow(WireError)
    expect(() => read(`{"a":${'['.repeat(500_000)}${']'.repeat(500_000)}}`)).toThrow(WireError)
  })

  it('holds 16,384 values at most, of which none is counted that is in a text', () => {
    const members = (count: number) => Array.from({ length: count }, (_, index) => `"${index}":""`).join(',')
    expect(Object.keys(read(`{${members(16_383)}}`))).toHaveLength(16_383)
    expect(read(JSON.stringify({ a: '"[{,'.repeat(20_000) }))).toHaveProperty('a')
    for (const text of [`{${members(16_384)}}`, `{"a":[${'[],'.repeat(8192)}1]}`, '[{},'.repeat(9000)]) {
      expect(() => read(text)).toThrow(/16384 values|32 levels/)
    }
  })

  it('cannot reach what all objects have in common', () => {
    const body = read('{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}')
    expect(Object.getPrototypeOf(body)).toBe(Object.prototype)
    expect(Object.keys(body)).toEqual(['__proto__', 'constructor'])
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined()
  })

  it('of any bytes is read or refused', () => {
    const json = fc.json().map((text) => Buffer.from(text))
    const bytes = fc.uint8Array({ maxLength: 64 }).map((array) => Buffer.from(array))
    fc.assert(
      fc.property(fc.oneof(json, bytes), (body) => {
        try {
          expect(decodeJson(body)).toBeTypeOf('object')
        } catch (error) {
          expect(error).toBeInstanceOf(WireError)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('A target', () => {
  const target = (value?: string) => targetOf({ headers: value === undefined ? {} : { 'x-amz-target': value } })

  it('names a service and an operation', () => {
    expect(target('TrentService.Encrypt')).toEqual({ prefix: 'TrentService', operation: 'Encrypt' })
    // As Python's clients write it.
    expect(target('com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents')).toEqual({
      prefix: 'CloudTrail_20131101',
      operation: 'LookupEvents',
    })
  })

  it.each([undefined, '', '.', 'TrentService', 'TrentService.', '.Encrypt', 'a.b.c', 'TrentService.A,TrentService.B'])(
    'is none where it is %j',
    (value) => {
      expect(target(value)).toBeNull()
    },
  )
})
