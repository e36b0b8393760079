import * as iamSdk from '@aws-sdk/client-iam'
import * as sdk from '@aws-sdk/client-kms'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { iamOperations } from '../src/services/iam/index.ts'
import { iamUnimplemented } from '../src/services/iam/unimplemented.ts'
import { kmsOperations, kmsUnimplemented } from '../src/services/kms/index.ts'

const LIST = new URL('clients/unimplemented.txt', import.meta.url)

function operationsOf(client: object): readonly string[] {
  return Object.keys(client)
    .filter((name) => name.endsWith('Command') && !name.startsWith('$'))
    .map((name) => name.replace(/Command$/, ''))
    .toSorted()
}

describe('The list of operations', () => {
  const names = kmsOperations.map((operation) => operation.name)

  it('and the list of what is missing are together what the newest SDK knows', () => {
    expect([...names, ...kmsUnimplemented].toSorted()).toEqual(operationsOf(sdk))
  })

  it('says in test/clients/unimplemented.txt what is missing', () => {
    const listed = readFileSync(LIST, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
    expect(listed).toEqual([...kmsUnimplemented].toSorted())
  })

  it('has every operation once', () => {
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('The list of operations of IAM', () => {
  const names = iamOperations.map((operation) => operation.name)

  it('and the list of what is missing are together what the newest SDK knows', () => {
    expect([...names, ...iamUnimplemented].toSorted()).toEqual(operationsOf(iamSdk))
  })

  it('has every operation once', () => {
    expect(new Set(names).size).toBe(names.length)
  })
})
