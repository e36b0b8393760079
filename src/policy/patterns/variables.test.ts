import { describe, expect, it } from 'vitest'
import { conditionKeys } from '../context.ts'
import { compileGlob } from './glob.ts'
import { createLexicon } from './lexicon.ts'
import { parseTemplate, resolve } from './variables.ts'

const keys = conditionKeys({ 'aws:UserName': 'alice', star: '*', many: ['a'], none: [] })

function matches(pattern: string, text: string): boolean | undefined {
  const lexicon = createLexicon()
  const glob = compileGlob(parseTemplate(pattern, { wildcards: true, variables: true }), lexicon)
  const values = resolve(lexicon, glob.variables, keys)
  return typeof values === 'number' ? undefined : glob.matches(text, 0, text.length, values)
}

describe('policy variables', () => {
  it.each([
    ['${aws:username}', 'alice', true],
    ['${AWS:USERNAME}/*', 'alice/x', true],
    ['home-${ aws:username }', 'home-alice', true],
    ['${star}', '*', true],
    ['${star}', 'x', false],
    ['a${*}c', 'a*c', true],
    ['a${*}c', 'abc', false],
    ['a${?}', 'a?', true],
    ['a${?}', 'ab', false],
    ['${$}{x}', '${x}', true],
    ["${absent, 'team'}", 'team', true],
    ["${none, 'team'}", 'team', true],
    ["${absent, ''}", '', true],
    ["${absent, 'a}*'}", 'a}*', true],
    ["${absent, 'a*'}", 'ab', false],
    ["${aws:username, 'x'}", 'alice', true],
    ["${absent, 'open}", 'x', undefined],
    ["${many, 'x'}", 'x', undefined],
    ['${many}', 'a', undefined],
    ['${absent}', '', undefined],
    ['${}', '', undefined],
    ['${absent, team}', 'team', undefined],
    ['${open', '${open', true],
    ['$x', '$x', true],
  ])('%s against %s is %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected)
  })

  it('are themselves in documents that have none', () => {
    expect(parseTemplate('a${*}', { wildcards: true, variables: true })).toEqual(['a', '*'])
    expect(parseTemplate('${a}', { wildcards: true, variables: true })).toEqual([{ key: 'a' }])
    expect(parseTemplate('${a}', { wildcards: true, variables: false })).toEqual(['${a}'])
  })

  it('are asked for once in a request', () => {
    const lexicon = createLexicon()
    const number = lexicon.variable({ key: 'x', fallback: undefined })
    let asked = 0
    const counting = { get: () => String((asked += 1)) }
    expect(resolve(lexicon, [number, number], counting)).toEqual(['1'])
    expect(resolve(lexicon, [number], counting)).toEqual(['1'])
    expect(resolve(lexicon, [number], { get: () => 'other' })).toEqual(['other'])
  })
})
