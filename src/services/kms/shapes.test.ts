import { describe, expect, it } from 'vitest'
import { encryptionContext } from './shapes.ts'

const accepts = (text: string) => encryptionContext.safeParse(JSON.parse(text))

describe('An encryption context', () => {
  it('keeps every name that it was given', () => {
    const { success, data } = accepts('{"__proto__":"a","constructor":"b","":"c"}')
    expect(success).toBe(true)
    expect(Object.entries(data ?? {})).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['', 'c'],
    ])
  })

  it('may be left out where a member is optional', () => {
    expect(encryptionContext.optional().safeParse(undefined)).toMatchObject({ success: true, data: undefined })
  })

  it('holds 65,535 bytes, and not one more', () => {
    const of = (bytes: number) => accepts(JSON.stringify({ é: 'a'.repeat(bytes - 2) }))
    expect(of(65_535).success).toBe(true)
    const { success, error } = of(65_536)
    expect(success).toBe(false)
    expect(String(error)).not.toContain('aaa')
  })

  it('holds 2,048 pairs, and not one more', () => {
    const of = (pairs: number) => Object.fromEntries(Array.from({ length: pairs }, (_, index) => [`n${index}`, '']))
    expect(accepts(JSON.stringify(of(2048))).success).toBe(true)
    expect(String(accepts(JSON.stringify(of(2049))).error)).toContain('at most 2048 pairs')
  })

  it.each([
    '[]',
    '["a"]',
    '"a"',
    '1',
    'null',
    '{"a":1}',
    '{"a":null}',
    '{"a":{}}',
    '{"__proto__":1}',
    '{"a":"\\ud800"}',
  ])('is not %s', (text) => {
    expect(accepts(text).success).toBe(false)
  })
})
