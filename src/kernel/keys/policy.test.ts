import { describe, expect, it } from 'vitest'
import { evaluate } from '../../policy/evaluate.ts'
import { compileStoredPolicy } from './policy.ts'

const ACCOUNT = '111122223333'
const request = { action: 'kms:Encrypt', resource: '*', keys: new Map<string, string>() }
const root = { account: ACCOUNT, forms: [], hasBoundary: false }

describe('A stored key policy', () => {
  it.each([
    ['aws', 'Allow'],
    ['aws-cn', 'NoMatch'],
    ['aws-us-gov', 'NoMatch'],
    ['invented', 'NoMatch'],
  ])('of a root in the partition %s lets its account in only where that is ours', (partition, outcome) => {
    const AWS = `arn:${partition}:iam::${ACCOUNT}:root`
    const statement = { Effect: 'Allow', Principal: { AWS }, Action: 'kms:*', Resource: '*' }
    const policy = compileStoredPolicy(JSON.stringify({ Statement: [statement] }), {})
    expect(evaluate(policy, request, root).outcome).toBe(outcome)
  })
})
