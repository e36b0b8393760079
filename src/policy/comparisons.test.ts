import { describe, expect, it } from 'vitest'
import { source } from '../../test/policy/engine.ts'
import { comparisonsOf } from './comparisons.ts'
import { conditionKeys } from './context.ts'

const names = (count: number, text = '') => Array.from({ length: count }, (_, index) => `${text}${index}*`)

function count(condition: object, values: Record<string, string | string[]>, action = 'kms:Encrypt'): number {
  const statement = { Effect: 'Allow', Action: 'kms:Encrypt', Resource: '*', Condition: condition }
  const { policy } = source(JSON.stringify({ Version: '2012-10-17', Statement: [statement] }), 'identity')
  return Math.floor(comparisonsOf([policy], { action, resource: '*', keys: conditionKeys(values) }))
}

describe('The comparisons of a question', () => {
  it('are those of every pattern with every value', () => {
    expect(count({ 'ForAnyValue:StringLike': { 'a:k': names(30) } }, { 'a:k': names(20) })).toBe(30 * 20)
    expect(count({ StringLike: { 'a:k': names(30) } }, { 'a:k': 'x' })).toBe(30)
  })

  it('are more where both are long', () => {
    const long = count(
      { 'ForAnyValue:ArnLike': { 'a:k': names(30, `arn:aws:kms:*:*:${'x'.repeat(200)}`) } },
      { 'a:k': 'y'.repeat(50_000) },
    )
    expect(long).toBeGreaterThan(30 * 2000)
  })

  it('are none where nothing is compared', () => {
    const condition = { 'ForAnyValue:StringLike': { 'a:k': names(30) } }
    expect(count(condition, { 'a:other': names(20) })).toBe(0)
    expect(count(condition, { 'a:k': names(20) }, 'kms:Decrypt')).toBe(0)
    expect(count({ StringLike: { 'a:k': names(30) } }, { 'a:k': names(20) })).toBe(0)
  })
})
