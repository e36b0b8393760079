/**
 * `npm run bench:policy`: decisions for a second of one core, with and without grants, and the worst decisions that
 * policies written to be slow can cause.
 */
import type { Grant } from '../src/domain/grant.ts'
import { compilePolicy } from '../src/policy/compile.ts'
import { evaluate } from '../src/policy/evaluate.ts'
import { parsePolicy, type PolicyKind } from '../src/policy/parse/parse.ts'
import { HOSTILE_POLICIES, LONG_TEXTS, type HostilePolicy } from '../test/policy/hostile-policies.ts'
import { source } from '../test/policy/engine.ts'
import {
  ACCOUNT,
  best,
  decideInEngine,
  decideInServer,
  document,
  grantTo,
  IDENTITY,
  KEY_POLICY,
  ROLE,
  ROLE_ID,
  SCPS,
} from './decisions.ts'

const GRANTS = 10_000

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
