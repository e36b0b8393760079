import * as account from '@aws-sdk/client-account'
import * as iam from '@aws-sdk/client-iam'
import * as kms from '@aws-sdk/client-kms'
import * as organizations from '@aws-sdk/client-organizations'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Operation } from '../src/kernel/operation.ts'
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
