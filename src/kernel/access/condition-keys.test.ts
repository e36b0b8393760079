import { describe, expect, it } from 'vitest'
import { rootCaller } from '../identities/caller.ts'
import { conditionKeysOf } from './condition-keys.ts'
import { need } from './need.ts'
import type { Call } from '../call.ts'

const OWNER = '111122223333'
const caller = { ...rootCaller(OWNER, 'AKIAEXAMPLE'), keys: { 'aws:PrincipalTag/Team': 'payments', 'aws:userid': 'x' } }
const call: Call = {
  requestId: 'r',
  now: 1_700_000_000_123,
  region: 'us-east-1',
  caller,
  sourceIp: '10.1.2.3',
  userAgent: 'agent',
  secure: true,
}

describe('The condition keys of a question', () => {
  it('tell of the request, the caller and the Region that the permission is needed in', () => {
    const keys = conditionKeysOf(need('kms:CreateKey', '*', 'eu-west-1'), call, null)
    const values = ['aws:requestedregion', 'aws:resourceaccount', 'aws:principaltag/team', 'aws:securetransport']
    expect(values.map((name) => keys.get(name))).toEqual(['eu-west-1', OWNER, 'payments', 'true'])
    expect(keys.get('aws:currenttime')).toBe('2023-11-14T22:13:20.123Z')
    expect(keys.get('aws:epochtime')).toBe('1700000000')
    expect(keys.get('kms:keyspec')).toBeUndefined()
  })

  it('believe what the operation gives over all else', () => {
    const given = { 'aws:SourceIp': '192.0.2.1', 'AWS:UserID': 'given', 'kms:EncryptionContext:Team': 'hr' }
    const keys = conditionKeysOf(need('kms:Encrypt', '*', 'us-east-1', given), call, null)
    expect(keys.get('aws:sourceip')).toBe('192.0.2.1')
    expect(keys.get('aws:userid')).toBe('given')
    expect(keys.get('kms:encryptioncontext:team')).toBe('hr')
  })

  it('tell of a role what it is asked on', () => {
    const policy = { document: { kind: 'trust', version: '2012-10-17', statements: [] }, statements: [] } as const
    const role = {
      arn: `arn:aws:iam::444455556666:role/r`,
      account: '444455556666',
      policy: { ...policy, candidates: () => ({ allow: [], deny: [] }) },
      principals: {},
      tags: [{ key: 'Team', value: 'hr' }],
    }
    const keys = conditionKeysOf(need('sts:AssumeRole', role, 'us-east-1'), call, null)
    expect(keys.get('aws:resourceaccount')).toBe('444455556666')
    expect(keys.get('iam:resourcetag/team')).toBe('hr')
    const retagged = conditionKeysOf(need('sts:AssumeRole', { ...role, tags: [] }, 'us-east-1'), call, null)
    expect(retagged.get('iam:resourcetag/team')).toBeUndefined()
  })

  it('tell of the organization of what it is asked on, where there is one', () => {
    const asked = need('kms:CreateKey', '*', 'us-east-1')
    const keys = conditionKeysOf(asked, call, { id: 'o-a', paths: ['o-a/r-b/'] })
    expect(keys.get('aws:resourceorgid')).toBe('o-a')
    expect(keys.get('aws:resourceorgpaths')).toEqual(['o-a/r-b/'])
    const without = conditionKeysOf(asked, call, null)
    expect([without.get('aws:resourceorgid'), without.get('aws:resourceorgpaths')]).toEqual([undefined, undefined])
  })
})
