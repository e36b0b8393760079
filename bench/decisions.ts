/** Decisions as the engine and the server make them, for whoever measures them. */
import type { Grant } from '../src/domain/grant.ts'
import { rootCaller, type Caller } from '../src/kernel/identities/caller.ts'
import { authorize, type Authority } from '../src/kernel/access/decide.ts'
import { createGrantIndex } from '../src/kernel/keys/grant-index.ts'
import { need, type KeyFacts } from '../src/kernel/access/need.ts'
import type { Call } from '../src/kernel/call.ts'
import { authorize as decide, type PolicyLayers } from '../src/policy/authorize.ts'
import type { ConditionValue } from '../src/policy/context.ts'
import { keyRecord } from '../test/key-record.ts'
import { source } from '../test/policy/engine.ts'

export const ACCOUNT = '111122223333'
const OTHER = '444455556666'
const REGION = 'us-east-1'
const KEY_ID = keyRecord().id
const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/${KEY_ID}`
export const ROLE_ID = 'AROAIGFZNDZVPYQXSGZUS'
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/app`
const ROUNDS = 9

export const document = (...Statement: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const USES = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey']
const to = (AWS: string) => ({ Principal: { AWS }, Resource: '*' })

/** The account, its administrators, two users of the key with conditions, and a Deny outside of TLS. */
export const KEY_POLICY = document(
  { Sid: 'account', Effect: 'Allow', ...to(`arn:aws:iam::${ACCOUNT}:root`), Action: 'kms:*' },
  {
    Sid: 'administrators',
    Effect: 'Allow',
    ...to(`arn:aws:iam::${ACCOUNT}:role/admin`),
    Action: ['kms:Create*', 'kms:Describe*', 'kms:Enable*', 'kms:List*', 'kms:Put*', 'kms:ScheduleKeyDeletion'],
  },
  {
    Sid: 'users',
    Effect: 'Allow',
    ...to(`arn:aws:iam::${ACCOUNT}:role/other`),
    Action: USES,
    Condition: { StringEquals: { 'kms:EncryptionContext:tenant': ['a', 'b', 'c'] } },
  },
  {
    Sid: 'another account',
    Effect: 'Allow',
    ...to(`arn:aws:iam::${OTHER}:root`),
    Action: USES,
    Condition: { StringLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/service/*' } },
  },
  { Sid: 'TLS', Effect: 'Deny', ...to('*'), Action: 'kms:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
)

export const IDENTITY = [
  document({
    Effect: 'Allow',
    Action: USES,
    Resource: `arn:aws:kms:*:${ACCOUNT}:key/*`,
    Condition: {
      StringEquals: { 'kms:EncryptionContext:tenant': 'blue', 'aws:RequestedRegion': [REGION, 'eu-west-1'] },
    },
  }),
  document({ Effect: 'Allow', Action: ['s3:*', 'sqs:Receive*'], Resource: '*' }),
  document({ Effect: 'Deny', Action: ['kms:ScheduleKeyDeletion', 'kms:Disable*'], Resource: '*' }),
]

export const SCPS = [
  [document({ Effect: 'Allow', Action: '*', Resource: '*' })],
  [
    document({ Effect: 'Allow', Action: '*', Resource: '*' }),
    document({
      Effect: 'Deny',
      NotAction: ['iam:*', 'sts:*'],
      Resource: '*',
      Condition: { StringNotEquals: { 'aws:RequestedRegion': [REGION, 'eu-west-1', 'ap-southeast-2'] } },
    }),
  ],
]

const layers: PolicyLayers = {
  identity: IDENTITY.map((text) => source(text, 'identity')),
  scp: SCPS.map((level) => level.map((text) => source(text, 'scp'))),
  resource: source(KEY_POLICY, 'key'),
}

const caller: Caller = {
  ...rootCaller(ACCOUNT, 'AKIAEXAMPLE'),
  type: 'role',
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/app/session`,
  forms: [
    { kind: 'role', id: ROLE_ID },
    { kind: 'session', id: `${ROLE_ID}:session` },
  ],
  layers,
  keys: {
    'aws:PrincipalAccount': ACCOUNT,
    'aws:PrincipalArn': ROLE,
    'aws:PrincipalType': 'AssumedRole',
    'aws:userid': `${ROLE_ID}:session`,
  },
}

const ACTIONS = ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey']
const TENANTS = ['blue', 'blue', 'blue', 'red']

/** The thirteen condition keys of one request, made anew. */
function context(tenant: string, now: number): Map<string, ConditionValue> {
  const keys = new Map<string, ConditionValue>()
  keys.set('aws:currenttime', String(now))
  keys.set('aws:principalaccount', ACCOUNT)
  keys.set('aws:principalarn', ROLE)
  keys.set('aws:principaltype', 'AssumedRole')
  keys.set('aws:requestedregion', REGION)
  keys.set('aws:securetransport', 'true')
  keys.set('aws:sourceip', '10.1.2.3')
  keys.set('kms:calleraccount', ACCOUNT)
  keys.set('kms:encryptionalgorithm', 'SYMMETRIC_DEFAULT')
  keys.set('kms:encryptioncontext:tenant', tenant)
  keys.set('kms:encryptioncontextkeys', ['tenant'])
  keys.set('kms:keyspec', 'SYMMETRIC_DEFAULT')
  keys.set('kms:multiregion', 'false')
  return keys
}

export function decideInEngine(count: number): number {
  let allowed = 0
  for (let index = 0; index < count; index += 1) {
    const action = ACTIONS[index % 4] ?? ''
    const keys = context(TENANTS[(index >> 2) % 4] ?? '', index)
    const request = { action, resource: KEY, keys }
    if (decide({ request, caller, layers, resourceAccount: ACCOUNT, crossAccount: true }).allowed) allowed += 1
  }
  return allowed
}

/**
 * The most of a few rounds for a second of processor time, of all threads together: what else the machine does then
 * counts less, and the collector's threads count too.
 */
export async function best(count: number, run: (count: number) => number | Promise<number>): Promise<number> {
  let most = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = process.cpuUsage()
    const allowed = await run(count)
    const { user, system } = process.cpuUsage(start)
    if (allowed === 0 || allowed === count) throw new Error('Some are allowed and some are not.')
    // The first round is for the compiler.
    if (round > 0) most = Math.max(most, (count / (user + system)) * 1e6)
  }
  return most
}

const record = keyRecord({ policy: KEY_POLICY, tags: [{ key: 'team', value: 'payments' }] })

export function grantTo(grantee: Grant['grantee'], index: number): Grant {
  return {
    id: index.toString(16).padStart(64, '0'),
    account: ACCOUNT,
    keyId: KEY_ID,
    grantee,
    retiring: null,
    operations: ['Decrypt', 'Encrypt'],
    constraints: { type: 'EncryptionContextSubset', pairs: { tenant: `t${index}` } },
    name: null,
    createdAt: 0,
    issuingAccount: ACCOUNT,
  }
}

const request = { requestId: 'none', sourceIp: '10.1.2.3', userAgent: 'bench', secure: true, region: REGION }

/**
 * Decides as the server does: the question is framed anew, from the key, the call and the caller, and from the grants
 * where policies do not allow it.
 */
export function decideInServer(grants: readonly Grant[]): (count: number) => Promise<number> {
  const byGrantee = Map.groupBy(grants, ({ grantee }) => grantee.id)
  const key: KeyFacts = {
    record,
    arn: KEY,
    aliases: ['alias/app'],
    policy: source(KEY_POLICY, 'key').policy,
    grantsOf: createGrantIndex(async (grantees) => grantees.flatMap((id) => byGrantee.get(id) ?? [])),
  }
  return async (count) => {
    let allowed = 0
    const authority: Authority = {
      organization: () => null,
      decided: (decision) => (allowed += Number(decision.allowed)),
      refuse: () => false,
    }
    for (let index = 0; index < count; index += 1) {
      const call: Call = { ...request, now: index, caller }
      const tenant = TENANTS[(index >> 2) % 4] ?? ''
      const asked = need(ACTIONS[index % 4] ?? '', key, REGION, {
        'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT',
        'kms:EncryptionContextKeys': ['tenant'],
        'kms:EncryptionContext:tenant': tenant,
      })
      await authorize([asked], call, authority)
    }
    return allowed
  }
}
