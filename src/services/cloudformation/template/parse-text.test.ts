import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { expectWithin } from '../../../../test/expect-within.ts'
import { parseText } from './parse-text.ts'

describe('What a template says', () => {
  it.each([
    ['2012-10-17', '2012-10-17'],
    ['012345678901', '012345678901'],
    ['123456789012', 123_456_789_012],
    ['1.10', '1.10'],
    ['0x1F', '0x1F'],
    ['1_000', '1_000'],
    ['12:30:45', '12:30:45'],
    ['12345678901234567890', '12345678901234567890'],
    ['yes', true],
    ['Off', false],
    ['"yes"', 'yes'],
    ["'012'", '012'],
    ['!!str 12', '12'],
    ['~', null],
    ['', null],
  ])('%s is read as %j', (text, value) => {
    expect(parseText(`It: ${text}`)).toEqual({ It: value })
  })

  it.each([
    ['!Ref A', { Ref: 'A' }],
    ['!Condition A', { Condition: 'A' }],
    ['!GetAtt A.B.C', { 'Fn::GetAtt': ['A', 'B.C'] }],
    ['!GetAtt [A, B]', { 'Fn::GetAtt': ['A', 'B'] }],
    ['!Sub "${A}"', { 'Fn::Sub': '${A}' }],
    ['!Sub ["${A}", {A: !Ref B}]', { 'Fn::Sub': ['${A}', { A: { Ref: 'B' } }] }],
    [
      '!If [A, !Ref B, !Not [!Equals [a, b]]]',
      { 'Fn::If': ['A', { Ref: 'B' }, { 'Fn::Not': [{ 'Fn::Equals': ['a', 'b'] }] }] },
    ],
    ['!Select [0, !Split [",", "a,b"]]', { 'Fn::Select': [0, { 'Fn::Split': [',', 'a,b'] }] }],
    ['!FindInMap [A, !Ref B, C]', { 'Fn::FindInMap': ['A', { Ref: 'B' }, 'C'] }],
    ['!ImportValue A', { 'Fn::ImportValue': 'A' }],
    ['!Base64 A', { 'Fn::Base64': 'A' }],
    ['!Join ["", [a, !Ref B]]', { 'Fn::Join': ['', ['a', { Ref: 'B' }]] }],
  ])('the short form %s is the long form %j', (text, value) => {
    expect(parseText(`It: ${text}`)).toEqual({ It: value })
  })

  it('is the same in JSON and in YAML', () => {
    const texts = fc.string({ unit: 'grapheme', maxLength: 20 })
    const value = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, texts, fc.boolean(), fc.integer(), tie('list'), tie('members')),
      list: fc.array(tie('value'), { maxLength: 4 }),
      members: fc.dictionary(
        texts.filter((text) => text !== '<<'),
        tie('value'),
        { maxKeys: 4 },
      ),
    })).members
    fc.assert(
      fc.property(value, (members) => {
        const json = JSON.stringify(members)
        expect(parseText(json)).toEqual(JSON.parse(json))
        expect(parseText(stringify(JSON.parse(json)))).toEqual(JSON.parse(json))
      }),
      { numRuns: 200 },
    )
  })

  it('can have names that all objects have', () => {
    const members = parseText('{"__proto__": {"a": 1}, "constructor": 2}')
    expect(Object.keys(members)).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(members)).toBe(Object.prototype)
  })

  it('may have JSON within YAML, closed at any indentation', () => {
    expect(parseText('A:\n  B: {\n    "C": [1,\n    2]\n  }\n')).toEqual({ A: { B: { C: [1, 2] } } })
  })
})

describe('What is no template', () => {
  it.each([
    ['', 'Template format error: unsupported structure.'],
    ['text', 'Template format error: unsupported structure.'],
    ['[1]', 'Template format error: unsupported structure.'],
    ['{"a": 1,\n "b" 2}', 'JSON not well-formed. (line 2, column 6)'],
    ['a:\n  - b\n c: 1', 'YAML not well-formed. (line 3, column 1)'],
    ['a: 1\nb: 2\na: 3', 'YAML not well-formed. (line 3, column 1) The key a is there twice.'],
    ['{"a": {"b": 1, "b": 1}}', 'JSON not well-formed. (line 1, column 16) The key b is there twice.'],
    ['a: 1\n---\nb: 1', 'There is a second document. A template is one.'],
    ['a: &x 1\nb: [*x]', '[/b/0] YAML aliases are not allowed in CloudFormation templates'],
    ['a:\n  <<: {b: 1}', '[/a] YAML merges (<<) are not allowed in CloudFormation templates'],
    ['a: !!binary aGk=', '[/a] the YAML tag tag:yaml.org,2002:binary is not supported.'],
    ['? [a]\n: 1', 'keys of maps must be plain text.'],
    ['x'.repeat(51_201), 'Template may not exceed 51200 bytes in size.'],
  ])('is refused: %#', (text, message) => {
    expect(() => parseText(text)).toThrow(message)
  })

  it.each([
    ['lists', '['.repeat(25_000)],
    ['closed lists', `a: ${'['.repeat(200)}${']'.repeat(200)}`],
    ['objects', `${'{"a":'.repeat(8000)}1${'}'.repeat(8000)}`],
    ['block lists', '- '.repeat(25_000)],
    ['complex keys', '? '.repeat(25_000)],
    ['tags', `a: ${'!a '.repeat(12_000)}`],
    ['indentation', Array.from({ length: 200 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('%s without an end are refused', (_name, text) => {
    expect(() => parseText(text)).toThrow(/deeper than 100 levels|at most one tag/)
  })

  it('many keys cost no more than they are', () => {
    const text = `{${Array.from({ length: 5000 }, (_, index) => `"${index}":1`).join(',')}}`
    expectWithin(5000, () => parseText(text))
  })
})
