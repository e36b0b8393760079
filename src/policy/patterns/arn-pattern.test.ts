import { describe, expect, it } from 'vitest'
import { compileArn, compileResource, isArn } from './arn-pattern.ts'
import { conditionKeys } from '../context.ts'
import { createLexicon } from './lexicon.ts'
import { BAD_POLICY, NO, YES } from './match.ts'

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/mrk-1'
const keys = conditionKeys({ user: 'mrk-1', star: '*', account: '111122223333', colons: 'a:b', many: ['x'] })

describe('compileResource', () => {
  it.each([
    ['*', KEY, YES],
    ['*', '*', YES],
    [KEY, KEY, YES],
    [KEY, `${KEY}2`, NO],
    ['arn:aws:kms:*:111122223333:key/*', KEY, YES],
    ['arn:aws:kms:eu-west-?:*:key/mrk-*', KEY, YES],
    ['arn:aws:kms:*', KEY, NO],
    ['arn:aws:kms:*:key/mrk-1', KEY, NO],
    ['arn:aws:kms:*:*:*', '*', NO],
    ['arn:aws:kms:*:*:*', 'arn:aws:kms:::a:b/c', YES],
    ['arn:aws:kms:*::111122223333:key/mrk-1', KEY, NO],
    ['arn:aws:KMS:*:*:*', KEY, NO],
    ['arn:aws:kms:*:*:key/${user}', KEY, YES],
    ['arn:aws:kms:*:*:key/${star}', KEY, NO],
    ['arn:aws:kms:*:*:key/${many}', KEY, BAD_POLICY],
    ['arn:aws:kms:*:*:key/${absent}', KEY, BAD_POLICY],
    ["arn:aws:kms:*:*:key/${absent, 'mrk-1'}", KEY, YES],
    // Variables are only read after the fifth colon.
    ['arn:aws:kms:*:${account}:key/mrk-1', KEY, NO],
  ])('%s against %s is %i', (pattern, arn, expected) => {
    expect(compileResource(pattern, true, createLexicon())(arn, keys)).toBe(expected)
  })

  it('takes variables as text in documents that have none', () => {
    const match = compileResource('arn:aws:kms:*:*:key/${user}', false, createLexicon())
    expect(match(KEY, keys)).toBe(NO)
    expect(match('arn:aws:kms:x:y:key/${user}', keys)).toBe(YES)
  })
})

describe('compileArn', () => {
  it.each([
    ['*', KEY, YES],
    ['arn:aws:kms:*:${account}:key/*', KEY, YES],
    ['arn:aws:kms:*:${aws:account}:key/*', KEY, BAD_POLICY],
    ['arn:aws:kms:*:*:${colons}', 'arn:aws:kms:::a:b', YES],
    ['arn:aws:kms:*:${colons}', 'arn:aws:kms:x:a:b', BAD_POLICY],
    ['not an arn', KEY, BAD_POLICY],
  ])('%s against %s is %i', (pattern, arn, expected) => {
    expect(compileArn(pattern, true, createLexicon())(arn, keys)).toBe(expected)
  })
})

describe('isArn', () => {
  it('asks for the prefix and six components', () => {
    expect([KEY, 'arn:a:b:c:d:e:f', 'arn:a:b:c:d', 'urn:a:b:c:d:e'].map(isArn)).toEqual([true, true, false, false])
  })
})
