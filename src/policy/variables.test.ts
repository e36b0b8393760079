import { describe, expect, it } from 'vitest'
import { conditionKeys } from './context.ts'
import { compileGlob } from './glob.ts'
import { fixed, parseTemplate, substitute } from './variables.ts'

const keys = conditionKeys({ 'aws:UserName': 'alice', star: '*', many: ['a'], none: [] })

function matches(pattern: string, text: string): boolean | undefined {
  const glob = substitute(parseTemplate(pattern, { wildcards: true, variables: true }), keys)
  return glob === undefined ? undefined : compileGlob(glob)(text)
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

  it('knows a pattern without variables', () => {
    expect(fixed(parseTemplate('a${*}', { wildcards: true, variables: true }))).toEqual(['a', '*'])
    expect(fixed(parseTemplate('${a}', { wildcards: true, variables: true }))).toBeUndefined()
    expect(fixed(parseTemplate('${a}', { wildcards: true, variables: false }))).toEqual(['${a}'])
  })
})
