import { parseArn } from '../../domain/arn.ts'
import { KEY_POLICY_BYTES } from '../../domain/limits.ts'
import type { Region } from '../../domain/region.ts'
import type { Caller } from '../../kernel/identities/caller.ts'
import type { GlobalHost } from '../../kernel/global-host.ts'
import { createIdentities, type Identities } from '../../kernel/identities/identities.ts'
import { compileKeyPolicy, principalsIn, readKeyPolicy } from '../../kernel/keys/policy.ts'
import { askPartially } from '../../kernel/access/open-question.ts'
import { need, type KeyFacts } from '../../kernel/access/need.ts'
import type { Call } from '../../kernel/call.ts'
import type { KnownPeople } from '../../kernel/people.ts'
import { createPace, turn } from '../../kernel/turns.ts'
import type { OpenRegion } from '../regions/open-region.ts'
import { possibleActions, usualActions } from './actions.ts'
import { InspectionError } from './inspection-error.ts'
import { readsWith, type ChangedReads } from './policy-change.ts'
import { differencesOf, kindsOf, type Comparison, type DifferencePage } from './policy-diff.ts'
import { hear, type Hearing, type Witnesses } from './policy-witnesses.ts'
import { recordedNeeds, type RecordedNeed } from './recorded-calls.ts'
import { createSightings, statementsFor, type Seen, type Suggestion, type Unused } from './policy-suggest.ts'
import { subjectsOf, type Cursor, type PlacedKey } from './subjects.ts'

/** A policy that somebody thinks of putting in the place of one. */
export interface ProposedPolicy {
  /** The ARN of a key, of a managed policy, or of a user, group or role; or the id of an organization's policy. */
  readonly target: string
  /** Of a user, group or role, the name of the inline policy. */
  readonly inline: string | null
  readonly text: string
}

/** Where a listing of differences goes on. */
export type ReviewCursor = { readonly account: string; readonly place: Cursor } | null

/** A page of differences. */
export interface ReviewPage extends Omit<DifferencePage, 'next'> {
  readonly next: ReviewCursor
}

/** Says what a policy would change before it is put. */
export interface PolicyReview {
  /** @param reader the account that asks, and sees its own side; null for whoever runs the server */
  differences(proposed: ProposedPolicy, after: ReviewCursor, reader?: string | null): Promise<ReviewPage>
  /** @param days how far back recorded calls are looked at */
  witnesses(proposed: ProposedPolicy, days: number): Promise<Witnesses>
  /** The same of these calls, for the account that has the key. */
  witnessesAmong(calls: AsyncIterable<RecordedNeed>, proposed: ProposedPolicy, reader: string): Promise<Witnesses>
  /**
   * The least that recorded calls needed: as a policy of a user or role, or of a key.
   *
   * @param target the ARN of a user, role or key
   * @param days how far back they are looked at
   */
  suggest(target: string, days: number): Promise<Suggestion>
}

/** What a review looks at. */
export interface ReviewSources {
  readonly regions: Iterable<OpenRegion>
  readonly global: GlobalHost
  readonly identities: Identities
  readonly people: KnownPeople
  readonly callAs: (caller: Caller, region: Region) => Call
  /** The directory of the audit logs. */
  readonly audits: string
  readonly now: () => number
}

const READ_AT_ONCE = 100
/** Keys that are read before others have their turn: some 5 ms. */
const KEYS_PER_TURN = 20
const DAY = 86_400_000

/** Reviews policies against what is stored and recorded. */
export function createPolicyReview(sources: ReviewSources): PolicyReview {
  const since = (days: number): number => sources.now() - days * DAY
  return {
    async differences(proposed, after, reader = null) {
      const scope = await scopeOf(proposed, sources)
      for (const account of scope.accounts.slice(after === null ? 0 : scope.accounts.indexOf(after.account))) {
        const comparison = await scope.comparison(account)
        const { rows, next } = await differencesOf(
          { ...comparison, reader },
          after?.account === account ? after.place : null,
        )
        if (next !== null) return { rows, next: { account, place: next } }
        const following = scope.accounts[scope.accounts.indexOf(account) + 1]
        if (rows.length > 0) return { rows, next: following === undefined ? null : { account: following, place: null } }
      }
      return { rows: [], next: null }
    },
    async witnesses(proposed, days) {
      const scope = await scopeOf(proposed, sources)
      return hear(recordedNeeds(sources.audits, since(days), scope.mark), scope, sources.callAs, null)
    },
    async witnessesAmong(calls, proposed, reader) {
      return hear(calls, await scopeOf(proposed, sources), sources.callAs, reader)
    },
    suggest: (target, days) =>
      (parseArn(target)?.service === 'kms' ? forKey : forPrincipal)(target, sources, since(days)),
  }
}

async function forPrincipal(target: string, sources: ReviewSources, since: number): Promise<Suggestion> {
  const { regions, identities, people, callAs } = sources
  const caller = await identities.callerNamed(target)
  if (caller === null) throw new InspectionError(`${target} is no user or role of this server, nor the ARN of a key.`)
  const { calls, seen } = await sighted(sources, since, target, ({ principal }) => principal === target)
  const used = new Set(seen.map(({ action }) => action))
  const unused = new Set<string>()
  for (const { snapshot, region } of await kindsOf(await keysOf(regions, caller.account))) {
    await turn()
    for (const action of possibleActions(snapshot)) {
      if (used.has(action) || unused.has(action)) continue
      const rest = await askPartially(need(action, snapshot, region), callAs(caller, region), people.authority)
      if (rest !== false) unused.add(action)
    }
  }
  const isBroad = seen.some(({ action, resource }) => resource === '*' && !action.startsWith('kms:'))
  return {
    calls,
    policy: { Version: '2012-10-17', Statement: statementsFor(seen, false) },
    notes: [
      ...notesFor(calls, seen),
      ...(isBroad ? ['Records of services other than KMS do not name resources: narrow "Resource": "*" by hand.'] : []),
    ],
    unused: unused.size === 0 ? [] : [{ principal: target, actions: [...unused].toSorted() }],
  }
}

async function forKey(target: string, sources: ReviewSources, since: number): Promise<Suggestion> {
  const { regions, global, identities, people, callAs } = sources
  const key = await placedKey(regions, target)
  if (key === null) throw new InspectionError(`There is no key ${target} on this server.`)
  const { calls, seen } = await sighted(sources, since, target, ({ resource }) => resource === target)
  const unused: Unused[] = []
  for await (const { subject } of subjectsOf([key], global.store.reads, identities, null)) {
    await turn()
    if (subject.breadth !== 'one' || subject.caller.type === 'root') continue
    const used = new Set(seen.flatMap(({ principal, action }) => (principal === subject.name ? [action] : [])))
    const actions: string[] = []
    for (const action of usualActions(key.snapshot)) {
      if (used.has(action)) continue
      const asked = need(action, key.snapshot, key.region)
      if ((await askPartially(asked, callAs(subject.caller, key.region), people.authority)) !== false)
        actions.push(action)
    }
    if (actions.length > 0) unused.push({ principal: subject.name, actions })
  }
  const note = 'It lets in only whom the records show. Keep a statement by which somebody can still change the policy.'
  return {
    calls,
    policy: { Version: '2012-10-17', Statement: statementsFor(seen, true) },
    notes: [...notesFor(calls, seen), note],
    unused,
  }
}

async function sighted(
  { audits }: ReviewSources,
  since: number,
  mark: string,
  isAsked: (recorded: RecordedNeed) => boolean,
): Promise<{ calls: number; seen: readonly Seen[] }> {
  const { see, seen } = createSightings()
  const requests = new Set<string>()
  for await (const recorded of recordedNeeds(audits, since, mark)) {
    if (!recorded.isDone || !isAsked(recorded)) continue
    requests.add(recorded.requestId)
    see(recorded)
  }
  return { calls: requests.size, seen: seen() }
}

function notesFor(calls: number, seen: readonly Seen[]): readonly string[] {
  if (calls === 0) return ['No call of that time is recorded: the policy allows nothing.']
  const isMaking = seen.some(({ action }) => action === 'kms:CreateKey')
  const role = "An account's first multi-Region key needs iam:CreateServiceLinkedRole too."
  return isMaking ? [role] : []
}

/** What a proposed policy is about. */
interface Scope extends Hearing {
  comparison(account: string): Promise<Omit<Comparison, 'reader'>>
}

async function scopeOf(proposed: ProposedPolicy, sources: ReviewSources): Promise<Scope> {
  const arn = parseArn(proposed.target)
  const isKey = arn?.service === 'kms' && proposed.inline === null
  return isKey ? keyScope(proposed, sources) : worldScope(proposed, sources)
}

async function keyScope({ target, text }: ProposedPolicy, sources: ReviewSources): Promise<Scope> {
  const { regions, global, identities, people, callAs } = sources
  const before = await placedKey(regions, target)
  if (before === null) throw new InspectionError(`There is no key ${target} on this server.`)
  const after = { ...before, snapshot: await withPolicy(before.snapshot, text, people) }
  const world = { identities, authority: people.authority }
  const shared = { now: world, later: world }
  const { account } = before.snapshot.record
  const pair = { before, after }
  return {
    ...shared,
    accounts: [account],
    mark: target,
    comparison: async () => ({
      ...shared,
      keys: [pair],
      isOfKeys: true,
      regions: [],
      reads: global.store.reads,
      callAs,
    }),
    key: async (arn) => (arn === target ? { before: before.snapshot, after: after.snapshot } : null),
  }
}

async function withPolicy(facts: KeyFacts, text: string, people: KnownPeople): Promise<KeyFacts> {
  const size = Buffer.byteLength(text)
  if (size > KEY_POLICY_BYTES) {
    throw new InspectionError(`The new policy has ${size} bytes. A key policy can have ${KEY_POLICY_BYTES} at most.`)
  }
  const read = readKeyPolicy(text)
  if (!read.ok) throw new InspectionError(`The new policy cannot be read: ${read.message}`)
  const principals: Record<string, string> = {}
  for (const name of principalsIn(read.document)) {
    const id = await people.principalId(name)
    if (id === null) throw new InspectionError(`The new policy names ${name}, and there is no such user or role.`)
    principals[name] = id
  }
  const { record, arn, aliases } = facts
  return {
    record: { ...record, policy: text, principals },
    arn,
    aliases,
    policy: compileKeyPolicy(read.document, principals),
    grantsOf: (grantees, question) => facts.grantsOf(grantees, question),
  }
}

async function worldScope({ target, inline, text }: ProposedPolicy, sources: ReviewSources): Promise<Scope> {
  const { regions, global, identities, people, callAs } = sources
  const changed = await readsWith(global.store.reads, target, inline, text)
  const store = { ...global.store, reads: changed.reads, onCommit: () => undefined }
  const others = createIdentities({ ...global, store })
  const now = { identities, authority: people.authority }
  const organization = (account: string) => others.organization(account)
  const later = { identities: others, authority: { ...people.authority, organization } }
  const accounts = changed.account === null ? await touchedAccounts(changed, others) : [changed.account]
  return {
    now,
    later,
    accounts,
    mark: accounts.length === 1 ? (accounts[0] ?? '') : '',
    async comparison(account) {
      const keys = await keysOf(regions, account)
      const opened = [...regions].map(({ region }) => region)
      const pairs = keys.map((key) => ({ before: key, after: key }))
      return { now, later, keys: pairs, isOfKeys: false, regions: opened, reads: changed.reads, callAs }
    },
    async key(arn) {
      const placed = await placedKey(regions, arn)
      return placed === null ? null : { before: placed.snapshot, after: placed.snapshot }
    },
  }
}

/** The accounts to whose organization layers a change belongs. */
async function touchedAccounts(changed: ChangedReads, later: Identities): Promise<readonly string[]> {
  const accounts: string[] = []
  const page = { after: null, limit: Number.MAX_SAFE_INTEGER }
  for (const { name } of await changed.reads.documents('account', null, page)) {
    changed.takeTouched()
    await later.organization(name)
    if (changed.takeTouched()) accounts.push(name)
  }
  return accounts
}

async function placedKey(regions: Iterable<OpenRegion>, text: string): Promise<PlacedKey | null> {
  const arn = parseArn(text)
  const host = [...regions].find(({ region }) => region === arn?.region)
  const snapshot = await host?.keys.key(arn?.account ?? '', (arn?.resource ?? '').replace(/^key\//, ''))
  return host === undefined || !snapshot ? null : { region: host.region, snapshot, reads: host.store.reads }
}

/** The keys that an account has made, in every Region that is open. */
async function keysOf(regions: Iterable<OpenRegion>, account: string): Promise<readonly PlacedKey[]> {
  const found: PlacedKey[] = []
  const pace = createPace(KEYS_PER_TURN)
  for (const { region, keys, store } of regions) {
    let after: string | null = null
    for (;;) {
      const page: readonly { id: string; service?: string }[] = await store.reads.keys(account, {
        after,
        limit: READ_AT_ONCE,
      })
      for (const { id, service } of page) {
        await pace(1)
        const snapshot = service === undefined ? await keys.key(account, id) : null
        if (snapshot === null) continue
        const hasGrants = (await store.reads.countGrants(account, id)) > 0
        found.push({ region, snapshot, reads: store.reads, hasGrants })
      }
      const last = page.at(-1)
      if (last === undefined || page.length < READ_AT_ONCE) break
      after = last.id
    }
  }
  return found
}
