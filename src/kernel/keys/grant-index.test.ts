import { describe, expect, it } from 'vitest'
import type { Grant } from '../../domain/grant.ts'
import { createGrantIndex, createGrantMemory } from './grant-index.ts'

const grantTo = (grantee: string, key: string): Grant => ({
  id: `${key} to ${grantee}`,
  account: '1',
  keyId: key,
  grantee: { arn: grantee, kind: 'role', id: grantee },
  retiring: null,
  operations: ['Encrypt'],
  constraints: null,
  name: null,
  issuingAccount: '1',
  createdAt: 0,
})

describe('Indexes of grants that share a memory', () => {
  it('give each key its own grants', async () => {
    const memory = createGrantMemory()
    const [one, other] = ['one', 'other'].map((key) =>
      createGrantIndex(async (grantees) => grantees.map((each) => grantTo(each, key)), memory),
    )
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await one?.(['a'])).toMatchObject([{ id: 'one to a' }])
      expect(await other?.(['a'])).toMatchObject([{ id: 'other to a' }])
    }
  })

  it('forget those of grantees who have not asked for long, and look them up again', async () => {
    const asked: string[] = []
    const of = createGrantIndex(async (grantees) => {
      asked.push(...grantees)
      return grantees.map((each) => grantTo(each, 'key'))
    }, createGrantMemory(100_000))
    await of(['a'])
    await of(['a'])
    expect(asked).toEqual(['a'])
    for (let session = 0; session < 1000; session += 1) await of([`session ${session}`])
    expect(await of(['a'])).toMatchObject([{ id: 'key to a' }])
    expect(asked.filter((each) => each === 'a')).toHaveLength(2)
  })
})
