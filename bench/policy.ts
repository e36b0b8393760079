/**
 * `npm run bench:policy`: decisions for a second of one core, with and without grants, and the worst decisions that
 * policies written to be slow can cause.
 */
import type { Grant } from '../src/domain/grant.ts'
import { rootCaller, type Caller } from '../src/kernel/identities/caller.ts'
import { ask, type Authority } from '../src/kernel/access/decide.ts'
import { createGrantIndex } from '../src/kernel/keys/grant-index.ts'
import { need, type KeyFacts } from '../src/kernel/access/need.ts'
import type { Call } from '../src/kernel/call.ts'
import { authorize, type PolicyLayers } from '../src/policy/authorize.ts'
import { compilePolicy } from '../src/policy/compile.ts'
import type { ConditionValue } from '../src/policy/context.ts'
import { evaluate } from '../src/policy/evaluate.ts'
import { parsePolicy, type PolicyKind } from '../src/policy/parse/parse.ts'
import { keyRecord } from '../test/key-record.ts'
import { HOSTILE_POLICIES, LONG_TEXTS, type HostilePolicy } from '../test/policy/hostile-policies.ts'
import { source } from '../test/policy/engine.ts'

const ACCOUNT = '111122223333'
const OTHER = '444455556666'
const REGION = 'us-east-1'
const KEY_ID = keyRecord().id
const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/${KEY_ID}`
const ROLE_ID = 'AROAIGFZNDZVPYQXSGZUS'
const ROLE = `arn:aws:iam::${ACCOUNT}:role/app`
const GRANTS = 10_000
const ROUNDS = 9

const document = (...Statement: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const USES = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey']
const to = (AWS: string) => ({ Principal: { AWS }, Resource: '*' })

/** The account, its administrators, two users of the key with conditions, and a Deny outside of TLS. */
const KEY_POLICY = document(
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

const IDENTITY = [
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

const SCPS = [
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

function decideInEngine(count: number): number {
  let allowed = 0
  for (let index = 0; index < count; index += 1) {
    const action = ACTIONS[index % 4] ?? ''
    const keys = context(TENANTS[(index >> 2) % 4] ?? '', index)
    const request = { action, resource: KEY, keys }
    if (authorize({ request, caller, layers, resourceAccount: ACCOUNT, crossAccount: true }).allowed) allowed += 1
  }
  return allowed
}

/**
 * The most of a few rounds for a second of processor time, of all threads together: what else the machine does then
 * counts less, and the collector's threads count too.
 */
async function best(count: number, run: (count: number) => number | Promise<number>): Promise<number> {
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

function grantTo(grantee: Grant['grantee'], index: number): Grant {
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

const authority: Authority = { organization: () => null, refuse: () => true }
const request = { requestId: 'none', sourceIp: '10.1.2.3', userAgent: 'bench', secure: true, region: REGION }

/** Decides as the server does: the question is framed anew, from the key with its grants, the call and the caller. */
function decideInServer(grants: readonly Grant[]): (count: number) => Promise<number> {
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
    for (let index = 0; index < count; index += 1) {
      const call: Call = { ...request, now: index, caller }
      const tenant = TENANTS[(index >> 2) % 4] ?? ''
      const asked = need(ACTIONS[index % 4] ?? '', key, REGION, {
        'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT',
        'kms:EncryptionContextKeys': ['tenant'],
        'kms:EncryptionContext:tenant': tenant,
      })
      if ((await ask(asked, call, authority)).allowed) allowed += 1
    }
    return allowed
  }
}

function line(what: string, value: string): void {
  console.log(`${what.padEnd(66)} ${value.padStart(16)}`)
}

function compileTime(texts: readonly (readonly [string, PolicyKind])[]): number {
  const times = Array.from({ length: 50 }, () => {
    const start = performance.now()
    for (const [text, kind] of texts) {
      const parsed = parsePolicy(text, kind)
      if (parsed.ok) compilePolicy(parsed.policy).candidates('kms:Encrypt')
    }
    return performance.now() - start
  })
  return Math.min(...times) * 1000
}

/** A policy that reads another text, so that nothing is known any more of the one before. */
const elsewhere = source(
  document({
    Effect: 'Deny',
    Action: '*',
    Resource: Array.from({ length: 20 }, (_, index) => `arn:aws:kms:::*${index}?*`),
  }),
  'identity',
).policy

/** The longest of many decisions but for those in which the machine did something else, in microseconds. */
function worstDecision(hostile: HostilePolicy, count: number): { p50: number; p99: number } {
  const { policy } = source(hostile.text, 'key')
  const facts = { account: ACCOUNT, forms: [], hasBoundary: false }
  const times: number[] = []
  for (let index = 0; index < count; index += 1) {
    // As they come out of a request.
    const keys = new Map(Object.entries(JSON.parse(JSON.stringify(hostile.keys)) as typeof hostile.keys))
    evaluate(elsewhere, { action: 'kms:Encrypt', resource: `arn:aws:kms:::${index}`, keys }, facts)
    const start = performance.now()
    evaluate(policy, { action: 'kms:Encrypt', resource: hostile.resource, keys }, facts)
    times.push((performance.now() - start) * 1000)
  }
  const sorted = times.slice(count / 4).toSorted((a, b) => a - b)
  return { p50: sorted[Math.floor(sorted.length / 2)] ?? 0, p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0 }
}

const perSecond = (value: number) => `${Math.round(value).toLocaleString('en')}/s`
line('engine: 5 statements, 3 identity policies, 2 SCP levels, 13 keys', perSecond(await best(300_000, decideInEngine)))
const alone = await best(100_000, decideInServer([]))
line('server: the same, with the question framed from key and call', perSecond(alone))

const somebody = (index: number): Grant['grantee'] => ({ arn: 'r', kind: 'role', id: `AROAX${index}` })
const me: Grant['grantee'] = { arn: ROLE, kind: 'role', id: ROLE_ID }
const spread = Array.from({ length: GRANTS }, (_, index) => grantTo(index === 5000 ? me : somebody(index), index))
const mine = Array.from({ length: GRANTS }, (_, index) => grantTo(me, index))
for (const [what, grants] of [
  ['10,000 grants, one of them to the caller', spread],
  ['10,000 grants, all of them to the caller, none of which fits', mine],
] as const) {
  const rate = await best(100_000, decideInServer(grants))
  line(`server: ${what}`, perSecond(rate))
  line('        slower than without grants by a factor of', (alone / rate).toFixed(2))
}

line('compiling the key policy', `${compileTime([[KEY_POLICY, 'key']]).toFixed(0)} us`)
const own = IDENTITY.map((text) => [text, 'identity'] as const)
line(
  'compiling all of them',
  `${compileTime([[KEY_POLICY, 'key'], ...own, ...SCPS.flat().map((text) => [text, 'scp'] as const)]).toFixed(0)} us`,
)

console.log('\nHostile policies of 32 KiB: one decision, p50 and p99')
for (const hostile of [...HOSTILE_POLICIES, ...LONG_TEXTS]) {
  const { p50, p99 } = worstDecision(hostile, LONG_TEXTS.includes(hostile) ? 8 : 1000)
  line(`  ${hostile.name}`, `${p50.toFixed(1)} ${p99.toFixed(1)} us`)
}
