import { describe, expect, it } from 'vitest'
import { crossesAccounts } from './cross-account.ts'

describe('A permission crosses accounts', () => {
  it.each([
    ['kms:Encrypt', true],
    ['KMS:encrypt', true],
    ['kms:encrypt', true],
    ['kms:CreateKey', false],
    ['KMS:CREATEKEY', false],
    ['kms:', false],
    ['s3:GetObject', true],
    ['sts:AssumeRole', true],
  ])('%s: %s', (action, expected) => {
    expect(crossesAccounts(action)).toBe(expected)
  })
})
