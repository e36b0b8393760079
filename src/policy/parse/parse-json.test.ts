import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type JsonNode, type JsonProblem, parseJson } from './parse-json.ts'

/** The value without positions. */
function plain(node: JsonNode): unknown {
  if (node.kind === 'object') return Object.fromEntries(node.members.map(({ name, value }) => [name, plain(value)]))
  if (node.kind === 'array') return node.items.map(plain)
  if (node.kind === 'number') return Number(node.text)
  return node.kind === 'null' ? null : node.value
}

function problem(text: string): JsonProblem {
  const result = parseJson(text)
  if (result.ok) throw new Error(`parsed: ${text}`)
  return result.problem
}

describe('parseJson', () => {
  it('reads what JSON.stringify writes, with and without white space', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
        const result = parseJson(JSON.stringify(value, null, indent))
        expect(result.ok && plain(result.root)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('accepts exactly what JSON.parse accepts, but for repeated names', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b"',
      '1',
      '-',
      '0.5e2',
      'true',
      'null',
      ' ',
      '"',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('')
        let valid = true
        try {
          JSON.parse(text)
        } catch {
          valid = false
        }
        const result = parseJson(text)
        fc.pre(result.ok || result.problem.cause !== 'duplicate')
        expect(result.ok).toBe(valid)
      }),
      { numRuns: 2000 },
    )
  })

  it('reads every escape', () => {
    const result = parseJson(String.raw`"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"`)
    expect(result.ok && plain(result.root)).toBe('"\\/\b\f\n\r\té😀')
  })

  it.each([
    ['', 'other', 0],
    ['{"a":1}x', 'other', 7],
    ['{"a":1,}', 'trailing-comma', 7],
    ['[1,]', 'trailing-comma', 3],
    ['[1 2]', 'other', 3],
    ['{a:1}', 'other', 1],
    ['{"a" 1}', 'missing-colon', 1],
    ['{"a":"b":1}', 'stray-colon', 8],
    ['{"a":1 "b":2}', 'other', 7],
    ['{"a":1,"a":2}', 'duplicate', 7],
    ['"abc', 'other', 0],
    ['"a\u0001"', 'other', 2],
    [String.raw`"\x"`, 'other', 1],
    [String.raw`"\u12g4"`, 'other', 1],
    ['01', 'other', 1],
    ['\ufeff{}', 'other', 0],
    ['tru', 'other', 0],
  ])('refuses %j as %s at %i', (text, cause, at) => {
    expect(problem(text)).toMatchObject({ cause, at })
  })

  it('tells the path of a problem', () => {
    expect(problem('{"Statement":[{},{"Condition":{"Bool":"a":true}}]}').path).toEqual([
      'Statement',
      1,
      'Condition',
      'Bool',
    ])
  })

  it('refuses nesting that could exhaust the stack', () => {
    expect(problem('['.repeat(100_000)).cause).toBe('depth')
    expect(problem('{"a":'.repeat(100_000)).cause).toBe('depth')
  })

  it('takes __proto__ as a name like any other', () => {
    const result = parseJson('{"__proto__":1}')
    expect(result.ok && result.root.kind === 'object' && result.root.members[0]?.name).toBe('__proto__')
  })
})
