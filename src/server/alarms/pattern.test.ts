import { describe, expect, it } from 'vitest'
import { compilePattern, PatternError } from './pattern.ts'

const event = {
  source: 'aws.kms',
  resources: [],
  detail: {
    eventName: 'CreateAlias',
    requestParameters: { aliasName: 'alias/prod-pay', pendingWindowInDays: 7, bypass: false },
    responseElements: null,
    resources: [
      { accountId: '111122223333', ARN: 'arn:aws:kms:us-east-1:111122223333:key/1' },
      { accountId: '444455556666', ARN: 'arn:aws:kms:eu-west-1:444455556666:key/2' },
    ],
  },
}
const named = (value: unknown) => ({ detail: { requestParameters: { aliasName: [value] } } })
const days = (value: unknown) => ({ detail: { requestParameters: { pendingWindowInDays: [value] } } })

describe('An event pattern', () => {
  it.each<readonly [unknown, boolean]>([
    [{ source: ['aws.kms'] }, true],
    [{ source: ['aws.iam', 'aws.kms'] }, true],
    [{ source: ['aws.iam'] }, false],
    [{ source: ['aws.kms'], detail: { eventName: ['DeleteAlias'] } }, false],
    [{ detail: { requestParameters: { bypass: [false] } } }, true],
    [{ detail: { requestParameters: { bypass: ['false'] } } }, false],
    [{ detail: { responseElements: [null] } }, true],
    [{ detail: { errorCode: [null] } }, false],
    [named({ prefix: 'alias/prod-' }), true],
    [named({ prefix: 'prod-' }), false],
    [named({ suffix: '-pay' }), true],
    [named({ suffix: '-pa' }), false],
    [named({ 'equals-ignore-case': 'ALIAS/prod-PAY' }), true],
    [named({ wildcard: 'alias/*-pay' }), true],
    [named({ wildcard: '*a*s*' }), true],
    [named({ wildcard: 'alias/prod-pay*y' }), false],
    [named({ wildcard: 'alias' }), false],
    [named({ 'anything-but': 'alias/prod-pay' }), false],
    [named({ 'anything-but': ['alias/a', 'alias/b'] }), true],
    [named({ 'anything-but': { prefix: 'alias/prod-' } }), false],
    [named({ 'anything-but': { prefix: 'alias/test-' } }), true],
    [{ detail: { errorCode: [{ 'anything-but': 'AccessDenied' }] } }, false],
    [{ detail: { errorCode: [{ exists: false }] } }, true],
    [{ detail: { errorCode: [{ exists: true }] } }, false],
    [{ detail: { no: { such: [{ exists: false }] } } }, true],
    [{ resources: [{ exists: true }] }, false],
    [days({ numeric: ['<', 8] }), true],
    [days({ numeric: ['>', 0, '<=', 6] }), false],
    [days({ numeric: ['=', 7] }), true],
    [named({ numeric: ['>', 0] }), false],
    [{ detail: { resources: { accountId: ['444455556666'] } } }, true],
    // Of a list, one and the same must have all.
    [{ detail: { resources: { accountId: ['444455556666'], ARN: [{ suffix: 'key/1' }] } } }, false],
    [{ $or: [{ source: ['aws.iam'] }, { detail: { eventName: [{ prefix: 'Create' }] } }] }, true],
    [{ source: ['aws.iam'], $or: [{ source: ['aws.kms'] }, { source: ['aws.sts'] }] }, false],
    [{ detail: { $or: [{ eventName: ['A'] }, { eventName: ['B'] }] } }, false],
  ])('%j: %s', (pattern, matches) => {
    expect(compilePattern(pattern)(event)).toBe(matches)
  })

  it.each<readonly [unknown, string, string]>([
    [null, '', 'null is no pattern: give an object of fields.'],
    [{}, '', 'An empty pattern describes nothing: name a field.'],
    [{ detail: {} }, 'detail', 'An empty pattern describes nothing: name a field.'],
    [{ source: 'aws.kms' }, 'source', '"aws.kms" stands alone: put it into a list, ["aws.kms"].'],
    [{ source: [] }, 'source', 'The list is empty: no event would do.'],
    [{ source: [['a']] }, 'source', 'A list in a list describes nothing.'],
    [named({ cidr: '10.0.0.0/8' }), 'detail.requestParameters.aliasName', '"cidr" is none of prefix, suffix,'],
    [named({ prefix: 7 }), 'detail.requestParameters.aliasName', '"prefix" has a text, and not 7.'],
    [named({ prefix: 'a', suffix: 'b' }), 'detail.requestParameters.aliasName', 'and nothing else.'],
    [named({ exists: 'yes' }), 'detail.requestParameters.aliasName', '"exists" is true or false, and not "yes".'],
    [named({ 'anything-but': [] }), 'detail.requestParameters.aliasName', '"anything-but" has texts or numbers'],
    [named({ 'anything-but': { numeric: ['=', 1] } }), 'detail.requestParameters.aliasName', '"anything-but" has'],
    [days({ numeric: ['=>', 1] }), 'detail.requestParameters.pendingWindowInDays', '"numeric" has one or two'],
    [days({ numeric: [] }), 'detail.requestParameters.pendingWindowInDays', '"numeric" has one or two'],
    [{ $or: [{ source: ['a'] }] }, '$or', '$or has a list of two patterns or more.'],
    [{ $or: [{ source: ['a'] }, { source: 'b' }] }, '$or.1.source', 'stands alone'],
    [{ toString: [{ toString: 'x' }] }, 'toString', '"toString" is none of'],
  ])('%j cannot be', (pattern, path, message) => {
    try {
      compilePattern(pattern)
    } catch (error) {
      expect(error).toBeInstanceOf(PatternError)
      expect((error as PatternError).path.join('.')).toBe(path)
      expect((error as PatternError).message).toContain(message)
      return
    }
    throw new Error('It was compiled.')
  })

  it('that is nested without end is refused', () => {
    let pattern: object = { a: ['b'] }
    for (let depth = 0; depth < 50_000; depth += 1) pattern = { a: pattern }
    expect(() => compilePattern(pattern)).toThrow('nested too deeply')
  })
})
