import { describe, expect, it } from 'vitest'
import { authorize } from '../src/policy/authorize.ts'
import { explain } from '../src/policy/explain/explain.ts'
import { describe as words, toEngine } from './policy/engine.ts'
import { referenceAuthorize, type ReferenceCaller, type ReferenceQuestion } from './policy/reference-evaluator.ts'
import { columns, expectGolden } from './golden-file.ts'

const OWN = '111122223333'
const OTHER = '444455556666'
const USER = `arn:aws:iam::${OWN}:user/alice`
const ROLE = `arn:aws:iam::${OWN}:role/app`
const SESSION = `arn:aws:sts::${OWN}:assumed-role/app/session`
const FEDERATED = `arn:aws:sts::${OWN}:federated-user/partner`

const policyOf = (statement: object | readonly object[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: statement })
const everything = { Action: '*', Resource: '*' }
const allows = policyOf({ Effect: 'Allow', ...everything })
const lacks = policyOf({ Effect: 'Allow', Action: 's3:*', Resource: '*' })
const denies = policyOf([
  { Effect: 'Allow', ...everything },
  { Effect: 'Deny', ...everything },
])
const keyPolicy = (AWS: string | null) =>
  policyOf({ Effect: 'Allow', Action: AWS === null ? 's3:*' : '*', Resource: '*', Principal: { AWS: AWS ?? '*' } })

const CALLERS = {
  'root user': { type: 'root', account: OWN, forms: [], hasBoundary: false },
  user: { type: 'user', account: OWN, forms: [{ kind: 'user', id: USER }], hasBoundary: true },
  'role session': {
    type: 'role',
    account: OWN,
    forms: [
      { kind: 'role', id: ROLE },
      { kind: 'session', id: SESSION },
    ],
    hasBoundary: true,
  },
  'federated session of user': {
    type: 'federated',
    account: OWN,
    forms: [
      { kind: 'federated', id: FEDERATED },
      { kind: 'user', id: USER },
    ],
    hasBoundary: true,
  },
} as const satisfies Record<string, ReferenceCaller>

type CallerName = keyof typeof CALLERS

/** What the resource's side can say of each caller: its policy's principal, or a grant. */
const NAMED: readonly {
  readonly as: string
  readonly principal: string | null
  readonly only?: readonly CallerName[]
}[] = [
  { as: 'nobody', principal: null },
  { as: 'its account', principal: OWN },
  { as: 'user', principal: USER, only: ['user', 'federated session of user'] },
  { as: 'role', principal: ROLE, only: ['role session'] },
  { as: 'role session', principal: SESSION, only: ['role session'] },
  { as: 'federated session', principal: FEDERATED, only: ['federated session of user'] },
  { as: '*', principal: '*' },
]
const GRANTEES: readonly { readonly grantee: string; readonly only?: readonly CallerName[] }[] = [
  { grantee: 'account' },
  { grantee: 'user', only: ['user', 'federated session of user'] },
  { grantee: 'role', only: ['role session'] },
  { grantee: 'session', only: ['role session', 'federated session of user'] },
]

type Layers = Pick<ReferenceQuestion, 'identity' | 'boundary' | 'session' | 'scp' | 'rcp'>
/** Everything that can be there is there and allows. */
const FULL: Layers = {
  identity: [allows],
  boundary: allows,
  session: [allows],
  scp: [[allows], [allows]],
  rcp: [[allows]],
}

const CASES: readonly { readonly head: string; readonly change: Partial<Layers>; readonly keyPolicyDenies?: true }[] = [
  { head: 'all allow', change: {} },
  { head: 'no identity', change: { identity: [lacks] } },
  { head: 'no boundary', change: { boundary: lacks } },
  { head: 'no session', change: { session: [lacks] } },
  { head: 'none of these', change: { identity: [lacks], boundary: lacks, session: [lacks] } },
  { head: 'no SCP', change: { scp: [[allows], [lacks]] } },
  { head: 'DENY identity', change: { identity: [denies] } },
  { head: 'DENY boundary', change: { boundary: denies } },
  { head: 'DENY session', change: { session: [denies] } },
  { head: 'DENY SCP', change: { scp: [[allows], [denies]] } },
  {
    head: 'DENY RCP',
    change: { rcp: [[policyOf({ Effect: 'Deny', Principal: '*', Action: 'kms:*', Resource: '*' })]] },
  },
  { head: 'DENY key policy', change: {}, keyPolicyDenies: true },
]

const OF_SESSIONS: readonly CallerName[] = ['role session', 'federated session of user']

/** Leaves out the layers that a caller cannot have; null where the change is about one of those. */
function layersOf(name: CallerName, change: Partial<Layers>): Layers | null {
  const { identity, boundary, session, ...controls } = { ...FULL, ...change }
  const changed = Object.keys(change)
  const own = new Set(['identity', 'boundary', ...(OF_SESSIONS.includes(name) ? ['session'] : [])])
  if (name === 'root user') {
    const isOwn = (layer: string) => layer === 'identity' || layer === 'boundary' || layer === 'session'
    return changed.some(isOwn) ? null : { ...controls, identity: [] }
  }
  if (changed.length === 1 && changed[0] === 'session' && !own.has('session')) return null
  return { ...controls, identity, ...(boundary && { boundary }), ...(own.has('session') && session && { session }) }
}

interface Side {
  readonly principal: string | null
  readonly grants: ReferenceQuestion['grants']
  readonly resourceAccount: string
}

/** One cell: `yes`, or the layer that lacks or, in capitals, denies. */
function cell(name: CallerName, { principal, grants, resourceAccount }: Side, which: (typeof CASES)[number]): string {
  const layers = layersOf(name, which.change)
  if (layers === null) return '.'
  const own = keyPolicy(principal)
  const resourcePolicy =
    which.keyPolicyDenies === undefined
      ? own
      : policyOf([
          (JSON.parse(own) as { Statement: object }).Statement,
          { Effect: 'Deny', ...everything, Principal: '*' },
        ])
  const key = `arn:aws:kms:us-east-1:${resourceAccount}:key/1234abcd-12ab-34cd-56ef-1234567890ab`
  const question: ReferenceQuestion = {
    ...layers,
    action: 'kms:Encrypt',
    resource: key,
    context: {},
    caller: CALLERS[name],
    resourcePolicy,
    grants,
    resourceAccount,
    crossAccount: true,
  }
  const engine = toEngine({
    ...question,
    rcp: question.rcp?.map((level) => level.filter((text) => text !== allows)) ?? [],
  })
  const answer = words(authorize(engine))
  // The table is the engine's; that it is right is not left to the engine alone.
  expect(referenceAuthorize(question), `${name} ${String(principal)} ${which.head}`).toBe(answer)
  expect(words(explain(engine).decision)).toBe(answer)
  if (answer === 'allow') return 'yes'
  const [kind = '', layer = ''] = answer.split(' ')
  const shown = layer === 'resource' ? 'key policy' : layer
  return kind === 'explicit-deny' ? `DENY ${shown}` : `- ${shown}`
}

function tableOf(resourceAccount: string, issuers: readonly string[]): string {
  const rows: string[][] = [['caller', 'let in as', ...CASES.map(({ head }) => head)]]
  for (const name of Object.keys(CALLERS) as CallerName[]) {
    const isFor = ({ only }: { readonly only?: readonly CallerName[] }) => only === undefined || only.includes(name)
    const add = (as: string, side: Omit<Side, 'resourceAccount'>) =>
      rows.push([name, as, ...CASES.map((each) => cell(name, { ...side, resourceAccount }, each))])
    for (const { as, principal } of NAMED.filter(isFor)) add(as, { principal, grants: [] })
    for (const issuingAccount of issuers) {
      const by = issuers.length === 1 ? '' : issuingAccount === OWN ? ' by its own account' : ' by the key’s account'
      for (const { grantee } of GRANTEES.filter(isFor)) {
        add(`grant to ${grantee}${by}`, { principal: null, grants: [{ grantee, issuingAccount }] })
      }
    }
  }
  return columns(rows)
}

const LEGEND = `
Each row is a caller and how the key lets it in: as whom the key policy names it, or a grant (the policy then names
nobody). Each column is one thing that is wrong on the caller's side or above it; all else allows. Cells:

  yes            allowed
  - identity     refused, because nothing in that layer allows it
  DENY scp       refused, because a statement in that layer denies it
  .              the caller has no such layer

"no X": layer X is there and does not mention the action. "DENY X": layer X has a statement that denies it.
`

describe('The truth table', () => {
  it('within one account is the one that was approved', async () => {
    await expectGolden('same-account.txt', `A KMS key of the caller's own account\n${LEGEND}\n${tableOf(OWN, [OWN])}`)
  })

  it('across accounts is the one that was approved', async () => {
    const table = tableOf(OTHER, [OTHER, OWN])
    await expectGolden('cross-account.txt', `A KMS key of another account\n${LEGEND}\n${table}`)
  })
})
