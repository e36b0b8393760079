import * as account from '@aws-sdk/client-account'
import * as iam from '@aws-sdk/client-iam'
import * as kms from '@aws-sdk/client-kms'
import * as organizations from '@aws-sdk/client-organizations'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Operation } from '../src/kernel/operation.ts'
import { analyzerOperations, analyzerRoutes } from '../src/services/access-analyzer/index.ts'
import { accountOperations, accountUnimplemented } from '../src/services/account/index.ts'
import { iamOperations } from '../src/services/iam/index.ts'
import { iamUnimplemented } from '../src/services/iam/unimplemented.ts'
import { kmsOperations, kmsUnimplemented } from '../src/services/kms/index.ts'
import { organizationsOperations, organizationsUnimplemented } from '../src/services/organizations/index.ts'

const LIST = new URL('clients/unimplemented.txt', import.meta.url)

const SERVICES: readonly [string, object, readonly Operation[], readonly string[]][] = [
  ['IAM', iam, iamOperations, iamUnimplemented],
  ['KMS', kms, kmsOperations, kmsUnimplemented],
  ['Organizations', organizations, organizationsOperations, organizationsUnimplemented],
  ['Account Management', account, accountOperations, accountUnimplemented],
]

describe.each(SERVICES)('The list of operations of %s', (_name, sdk, operations, unimplemented) => {
  const names = operations.map((operation) => operation.name)

  it('and the list of what is missing are together what the newest SDK knows', () => {
    const known = Object.keys(sdk)
      .filter((name) => name.endsWith('Command') && !name.startsWith('$'))
      .map((name) => name.replace(/Command$/, ''))
    expect([...names, ...unimplemented].toSorted()).toEqual(known.toSorted())
  })

  it('has every operation once', () => {
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('The operations of KMS that use keys', () => {
  // AWS KMS API Reference, GetKeyLastUsage.
  const TRACKED = Object.keys(kms.KeyLastUsageTrackingOperation)

  it('are those whose last use AWS tells', () => {
    const done = new Set(kmsOperations.map((operation) => operation.name))
    const using = kmsOperations.filter((operation) => operation.readOnly && operation.cryptographic === true)
    expect(using.map((operation) => operation.name)).toEqual(TRACKED.filter((name) => done.has(name)).toSorted())
  })
})

describe('The list of what is missing in KMS', () => {
  it('stands in test/clients/unimplemented.txt', () => {
    const listed = readFileSync(LIST, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
    expect(listed).toEqual([...kmsUnimplemented].toSorted())
  })
})

/** Where in an input a structure stands that does not take a null member for an absent one. */
function nakedStructures(schema: z.core.$ZodType, path: string, isMade: boolean): readonly string[] {
  const { def } = schema._zod as unknown as { def: Definition }
  const within = (inner: z.core.$ZodType | undefined, name = path, made = isMade) =>
    inner === undefined ? [] : nakedStructures(inner, name, made)
  if (def.type === 'object') {
    const members = Object.entries(def.shape ?? {}).flatMap(([name, member]) =>
      within(member, `${path}.${name}`, false),
    )
    return isMade ? members : [path, ...members]
  }
  if (def.type === 'pipe') {
    const isStructure = (def.in?._zod as unknown as { def: Definition } | undefined)?.def.type === 'transform'
    return [...within(def.in, path, isMade), ...within(def.out, path, isMade || isStructure)]
  }
  return [...within(def.innerType), ...within(def.element, `${path}[]`, false)]
}

interface Definition {
  readonly type: string
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>
  readonly in?: z.core.$ZodType
  readonly out?: z.core.$ZodType
  readonly innerType?: z.core.$ZodType
  readonly element?: z.core.$ZodType
}

describe('The operations of Access Analyzer', () => {
  it('are found at routes of AWS', () => {
    const names = analyzerOperations.map(({ name }) => name)
    expect(Object.values(analyzerRoutes)).toEqual(expect.arrayContaining(names))
  })
})

describe('Every structure inside an input', () => {
  const inputs = SERVICES.map(([name, , operations]) => ({ name, operations }))
  it.each([...inputs, { name: 'Access Analyzer', operations: analyzerOperations }])(
    'of $name takes a null member for an absent one',
    ({ operations }) => {
      expect(operations.flatMap(({ name, input }) => nakedStructures(input, name, true))).toEqual([])
    },
  )

  it('would be found if it did not', () => {
    const naked = z.object({ Outer: z.array(z.object({ Inner: z.string() })).optional() })
    expect(nakedStructures(naked, 'Operation', true)).toEqual(['Operation.Outer[]'])
  })
})
