import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WireError } from '../../kernel/errors.ts'
import { decodeForm } from './decode.ts'

const read = (form: string) => decodeForm(Buffer.from(form))

describe('A form', () => {
  it('names an action, and members that are text', () => {
    expect(read('Action=GetUser&Version=2010-05-08&UserName=a%20b')).toEqual({
      action: 'GetUser',
      members: { UserName: 'a b' },
    })
  })

  it('is nothing without an action', () => {
    expect(read('UserName=a')).toBeNull()
    expect(read('Action=')).toBeNull()
  })

  it('has lists of structures, in the order of their numbers', () => {
    const form = 'Action=A&Tags.member.10.Key=c&Tags.member.2.Key=b&Tags.member.2.Value=v&L.member.1=x&E='
    expect(read(form)?.members).toEqual({ Tags: [{ Key: 'b', Value: 'v' }, { Key: 'c' }], L: ['x'], E: '' })
  })

  it('has maps, whose keys are text and nothing more', () => {
    const form = 'Action=A&M.entry.1.key=__proto__&M.entry.1.value=v&S.Part=p'
    const { M, S } = read(form)?.members ?? {}
    expect(S).toEqual({ Part: 'p' })
    expect(Object.entries(M ?? {})).toEqual([['__proto__', 'v']])
    expect(Object.getPrototypeOf(M)).toBe(Object.prototype)
  })

  it.each([
    ['a member that is given twice', 'Action=A&B=1&B=2'],
    ['two actions', 'Action=A&Action=B'],
    ['a member that is text and a structure', 'Action=A&B=1&B.C=2'],
    ['a structure that is text as well', 'Action=A&B.C=1&B=2'],
    ['a member without a name', 'Action=A&B.=1'],
    ['a member that lies too deep', `Action=A&${'a.'.repeat(12)}a=1`],
    ['an entry without a key', 'Action=A&M.entry.1.value=1'],
    ['too many members', `Action=A${Array.from({ length: 5000 }, (_, index) => `&L.member.${index + 1}=`).join('')}`],
  ])('is refused for %s', (_, form) => {
    expect(() => read(form)).toThrow(WireError)
  })

  it('is read or refused, and never harms a prototype', () => {
    const step = fc.oneof(
      fc.constantFrom('member', 'entry', 'key', 'value', '1', '2', '99999', '__proto__', 'constructor', ''),
      fc.string({ maxLength: 3 }),
    )
    const name = fc.array(step, { minLength: 1, maxLength: 14 }).map((steps) => steps.join('.'))
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string({ maxLength: 4 })), { maxLength: 12 }), (fields) => {
        try {
          read(new URLSearchParams([['Action', 'A'], ...fields]).toString())
        } catch (error) {
          expect(error).toBeInstanceOf(WireError)
        }
        expect(Object.keys(Object.prototype)).toEqual([])
        expect(({} as Record<string, unknown>)['1']).toBeUndefined()
      }),
    )
  })
})
