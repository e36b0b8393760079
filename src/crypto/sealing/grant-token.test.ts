import { createSecretKey } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openGrantToken, sealGrantToken } from './grant-token.ts'
import type { DomainKey } from './keyring.ts'
import { randomSecret } from '../random.ts'

const domainKey = (version: number): DomainKey => ({ version, key: createSecretKey(randomSecret(32)) })
const first = domainKey(1)
const reference = { account: '111122223333', keyId: `mrk-${'0'.repeat(32)}`, grantId: 'a'.repeat(64) }
const REGION = 'us-east-1'

describe('A grant token', () => {
  it('leads back to its grant, also after the domain key has changed', () => {
    const token = sealGrantToken(first, REGION, reference)
    expect(openGrantToken([first], REGION, token)).toEqual(reference)
    expect(openGrantToken([first, domainKey(2)], REGION, token)).toEqual(reference)
  })

  it('is another each time, and fits the API', () => {
    const tokens = Array.from({ length: 20 }, () => sealGrantToken(first, REGION, reference))
    expect(new Set(tokens).size).toBe(20)
    for (const token of tokens) expect(token).toMatch(/^[\w-]{1,8192}$/)
  })

  it('means nothing in another Region or under another domain key', () => {
    const token = sealGrantToken(first, REGION, reference)
    expect(openGrantToken([first], 'eu-west-1', token)).toBeNull()
    expect(openGrantToken([domainKey(1)], REGION, token)).toBeNull()
    expect(openGrantToken([domainKey(2)], REGION, token)).toBeNull()
  })

  it('means nothing once a single character of it is changed, added or missing', () => {
    const token = sealGrantToken(first, REGION, reference)
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (let index = 0; index < token.length; index += 1) {
      const other = characters[(characters.indexOf(token.charAt(index)) + 1) % characters.length] ?? ''
      expect(openGrantToken([first], REGION, token.slice(0, index) + other + token.slice(index + 1))).toBeNull()
      expect(openGrantToken([first], REGION, token.slice(0, index))).toBeNull()
    }
    for (const more of ['A', '=', ' ', '\n', '+']) expect(openGrantToken([first], REGION, token + more)).toBeNull()
  })

  it('is not made by guessing', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        expect(openGrantToken([first], REGION, text)).toBeNull()
      }),
    )
  })
})
