import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WireError } from '../../src/kernel/errors.ts'
import { acceptProperties } from '../../src/services/cloudformation/template/accept-properties.ts'
import { bindTemplate } from '../../src/services/cloudformation/template/bind.ts'
import { acceptParameters, shownParameters } from '../../src/services/cloudformation/template/parameters.ts'
import { parseTemplate } from '../../src/services/cloudformation/template/parse-template.ts'
import { planChanges } from '../../src/services/cloudformation/template/plan.ts'
import { resolveOutputs, resolveProperties } from '../../src/services/cloudformation/template/resolve.ts'
import { requireCapabilities, summarizeTemplate } from '../../src/services/cloudformation/template/summary.ts'
import { expectWithin } from '../expect-within.ts'
import { synthesized } from './synthesized.ts'
import { findType } from '../../src/services/cloudformation/types/index.ts'

const SURROUNDINGS = {
  account: '111122223333',
  region: 'eu-west-1',
  stackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1',
  stackName: 'shop',
  notificationArns: [],
}

/** Does everything that can be done with a template before something is made, and after. */
function useTemplate(text: string): void {
  const template = parseTemplate(text, findType)
  summarizeTemplate(template, findType)
  requireCapabilities(template, findType, ['CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'])
  const parameters = acceptParameters(template, [], null)
  shownParameters(template, parameters)
  const bound = bindTemplate(template, parameters, SURROUNDINGS)
  const imports = new Map(bound.imports.map((name) => [name, 'imported']))
  planChanges(null, { bound, tags: [], imports }, findType)
  const world = {
    made: new Map(
      [...bound.resources].map(([name, { type }]) => {
        const attributes = Object.fromEntries(
          (findType(type)?.attributes ?? []).map((each) => [each, `${name}.${each}`]),
        )
        return [name, { physicalId: name, attributes }]
      }),
    ),
    imports,
  }
  const rows = [...bound.resources].map(([name, { type }]) => {
    const facts = findType(type)
    if (facts === undefined) throw new Error(`There is no type ${type}.`)
    const properties = acceptProperties(facts, name, resolveProperties(bound, name, world))
    return [name, { type, properties, physicalId: name, attributes: {}, ...world.made.get(name) }] as const
  })
  const outputs = resolveOutputs(bound, world)
  const before = { bound, tags: [], resources: new Map(rows), outputs }
  const plan = planChanges(before, { bound, tags: [], imports }, findType, true)
  expect(plan).toEqual({ changes: [], hasChanges: false })
}

/** Says what a template is refused with; nothing where it is taken. Anything but a refusal is a fault. */
function refusalOf(text: string): string {
  try {
    useTemplate(text)
    return ''
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    return error.message
  }
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** Every place in a value, to be put something else in. */
function placesIn(value: Json, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([name, each]) => placesIn(each, [...path, name]))]
}

function replaced(value: Json, [name, ...rest]: readonly string[], by: Json): Json {
  if (name === undefined) return by
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value))
    return value.map((each, index) => (String(index) === name ? replaced(each, rest, by) : each))
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, key === name ? replaced(each, rest, by) : each]),
  )
}

const NAMES = [
  'Ref',
  'Fn::Sub',
  'Fn::GetAtt',
  'Fn::If',
  'Fn::Join',
  'Fn::Select',
  'Fn::Split',
  'Fn::FindInMap',
  'Fn::ImportValue',
  'Fn::Not',
  'Fn::Equals',
  'Fn::Base64',
  'Fn::Length',
  'Fn::ToJsonString',
  'Condition',
  '__proto__',
  'constructor',
  'Type',
  'AWS::NoValue',
  'Key',
  'Key.Arn',
  '${Key.Arn}',
  '${',
  'IsHome',
  '',
]

const junk = fc.letrec<{ value: Json; list: Json[]; members: { [name: string]: Json } }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, true, 0, -1, 1e300, 'x', ...NAMES),
    tie('list'),
    tie('members'),
  ),
  list: fc.array(tie('value'), { maxLength: 4 }),
  members: fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 2 }),
})).value

describe('A template', () => {
  const whole = JSON.parse(synthesized()) as Json
  const places = placesIn(whole)

  it('as the CDK makes them is taken', () => {
    expect(refusalOf(synthesized())).toBe('')
  })

  it('with anything anywhere is taken or refused, and never a fault', () => {
    fc.assert(
      fc.property(fc.constantFrom(...places), junk, fc.constantFrom(...places), junk, (one, a, other, b) => {
        const text = JSON.stringify(replaced(replaced(whole, one, a), other, b))
        expect(refusalOf(text).length).toBeLessThan(20_000)
      }),
      { numRuns: 500 },
    )
  })

  it('cut off anywhere is refused', () => {
    const text = synthesized()
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 2 }), (length) => {
        expect(refusalOf(text.slice(0, length))).toMatch(/^Template /)
      }),
      { numRuns: 100 },
    )
  })

  it.each([
    [
      'conditions that are made of each other',
      () => {
        const Conditions: Record<string, Json> = { C0: { 'Fn::Equals': [1, 1] } }
        for (let index = 1; index < 400; index += 1) {
          Conditions[`C${index}`] = { 'Fn::And': Array.from({ length: 2 }, () => ({ Condition: `C${index - 1}` })) }
        }
        return { Conditions }
      },
    ],
    [
      'resources that wait for all others',
      () => {
        const names = Array.from({ length: 150 }, (_, index) => `K${index}`)
        const Resources = Object.fromEntries(
          names.map((name, index) => [
            name,
            { Type: 'AWS::KMS::Key', DependsOn: names.slice(Math.max(0, index - 30), index) },
          ]),
        )
        return { Resources }
      },
    ],
    [
      'a long list that is looked up often',
      () => ({
        Mappings: { M: { a: { b: Array.from({ length: 4000 }, () => 'x') } } },
        Outputs: {
          O: {
            Value: {
              'Fn::Join': [
                '',
                Array.from({ length: 500 }, () => ({ 'Fn::Join': ['', { 'Fn::FindInMap': ['M', 'a', 'b'] }] })),
              ],
            },
          },
        },
      }),
    ],
    [
      'many patterns that take long',
      () => ({
        Parameters: Object.fromEntries(
          Array.from({ length: 100 }, (_, index) => [
            `P${index}`,
            { Type: 'String', AllowedPattern: '(a+)+b', Default: 'a'.repeat(22) },
          ]),
        ),
      }),
    ],
    ['names without an end', () => ({ Outputs: { O: { Value: { 'Fn::Sub': '${'.repeat(25_000) } } } })],
    [
      'many references in one text',
      () => ({ Outputs: { O: { Value: { 'Fn::Sub': '${AWS::StackId}'.repeat(2500) } } } }),
    ],
  ])('of %s costs little', (_name, make) => {
    const text = JSON.stringify({ Resources: { Key: { Type: 'AWS::KMS::Key' } }, ...make() })
    expectWithin(3000, () => refusalOf(text))
  })
})
