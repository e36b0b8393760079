import { hash } from 'node:crypto'
import type { Region } from '../../domain/region.ts'
import type { Caller } from '../../kernel/identities/caller.ts'
import type { Authority } from '../../kernel/access/decide.ts'
import type { Identities } from '../../kernel/identities/identities.ts'
import { frameOpen } from '../../kernel/access/open-question.ts'
import { need, type KeyFacts } from '../../kernel/access/need.ts'
import type { Call } from '../../kernel/call.ts'
import { createPace, turn } from '../../kernel/turns.ts'
import { phrase, restData } from '../../policy/partial/describe.ts'
import { authorizePartially, resourceSide, type OpenQuestion } from '../../policy/partial/partial.ts'
import { idOf, type Rest } from '../../policy/partial/rest.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import { ACTIONS_WITHOUT_KEY, possibleActions } from './actions.ts'
import { subjectsOf, type Cursor, type PlacedKey, type Subject } from './subjects.ts'

/** What a change of a policy does to one principal's permission. */
export interface Difference {
  readonly principal: string
  readonly action: string
  /** The ARNs of the keys; none for what is asked of no key. */
  readonly keys: readonly string[]
  readonly regions: readonly Region[]
  /** Whether what was never allowed is now, what was is never now, or it depends on something else. */
  readonly change: 'gains' | 'loses' | 'changes'
  /** When it is allowed: `always`, `never`, or the conditions. */
  readonly before: { readonly when: string; readonly condition: unknown }
  readonly after: { readonly when: string; readonly condition: unknown }
}

/** A page of differences. */
export interface DifferencePage {
  readonly rows: readonly Difference[]
  readonly next: Cursor
}

/** Who callers are, and what their organizations mean: as it is, or as it would be. */
export interface World {
  readonly identities: Pick<Identities, 'callerNamed'>
  readonly authority: Authority
}

/** What is compared. */
export interface Comparison {
  readonly now: World
  readonly later: World
  /** Keys as they are and as they would be. */
  readonly keys: readonly { readonly before: PlacedKey; readonly after: PlacedKey }[]
  /** Whether it is only keys' policies that would change. */
  readonly isOfKeys: boolean
  /** The Regions in which what is asked of no key is compared. */
  readonly regions: readonly Region[]
  readonly reads: GlobalReads
  /** The account that asks, and sees its own side; null for whoever runs the server. */
  readonly reader: string | null
  readonly callAs: (caller: Caller, region: Region) => Call
}

/** A page ends when so many principals were compared. */
const SUBJECTS = 200
/** Keys that are looked at before others have their turn: some 5 ms. */
const KEYS_PER_TURN = 100
/** The same of keys of which every action is compared. */
const COMPARED_PER_TURN = 2

/**
 * Says whose permissions differ between two worlds, for a page of principals.
 *
 * What requests may say stays open. Permissions that are written otherwise and mean the same may be shown as changes.
 */
export async function differencesOf(comparison: Comparison, after: Cursor): Promise<DifferencePage> {
  const { keys, now, reads, reader } = comparison
  const kinds = await kindsOf(keys.map(({ before }) => before))
  const changed = new Map(keys.map(({ before, after }) => [before.snapshot.arn, after.snapshot]))
  const all = keys.flatMap((pair) => [pair.before, pair.after])
  const rows: Difference[] = []
  let next: Cursor = null
  let seen = 0
  for await (const { subject, next: place } of subjectsOf(all, reads, now.identities, after, reader)) {
    await turn()
    rows.push(...(await differencesFor(subject, kinds, changed, comparison)))
    seen += 1
    if (seen < SUBJECTS) continue
    next = place
    break
  }
  return { rows, next }
}

/** Keys of which every policy says the same, with one that stands for all. */
interface Kind extends PlacedKey {
  readonly arns: readonly string[]
}

/** Keys by what policies can tell of them. */
export async function kindsOf(keys: readonly PlacedKey[]): Promise<readonly Kind[]> {
  const pace = createPace(KEYS_PER_TURN)
  const kinds = new Map<string, Kind & { readonly arns: string[] }>()
  for (const key of keys) {
    await pace(1)
    const like = likeness(key)
    const known = kinds.get(like)
    if (known === undefined) kinds.set(like, { ...key, arns: [key.snapshot.arn] })
    else known.arns.push(key.snapshot.arn)
  }
  return [...kinds.values()]
}

function likeness({ region, snapshot: { record, aliases, arn }, hasGrants }: PlacedKey): string {
  const { policy, principals, spec, usage, origin, tags, family } = record
  const role = family === null ? 'single' : String(family.authority !== null)
  // A policy that names keys may mean this one, and grants are of one key.
  const own = policy.includes(record.id) || hasGrants !== false ? arn : ''
  const facts = [region, policy, principals, spec, usage, origin, tags, role, aliases, own]
  return hash('sha256', JSON.stringify(facts))
}

async function differencesFor(
  subject: Subject,
  kinds: readonly Kind[],
  changed: ReadonlyMap<string, KeyFacts>,
  comparison: Comparison,
): Promise<readonly Difference[]> {
  const { now, later, isOfKeys, regions, callAs } = comparison
  const laterCaller = subject.breadth === 'one' ? await callerLater(subject, later) : subject.caller
  const found: Difference[] = []
  const compare = async (action: string, region: Region, before: KeyFacts | '*', after: KeyFacts | '*') => {
    const { caller, breadth } = subject
    const asked = await frameOpen(need(action, before, region), callAs(caller, region), now.authority, breadth)
    const would = isOfKeys
      ? withPolicyOf(asked, after)
      : await frameOpen(need(action, after, region), callAs(laterCaller, region), later.authority, breadth)
    if (isOfKeys && resourceSide(asked) === resourceSide(would)) return null
    return statedChange(authorizePartially(asked), authorizePartially(would))
  }
  const pace = createPace(COMPARED_PER_TURN)
  for (const { region, snapshot, arns } of kinds) {
    await pace(1)
    for (const action of possibleActions(snapshot)) {
      const change = await compare(action, region, snapshot, changed.get(snapshot.arn) ?? snapshot)
      if (change !== null) found.push({ principal: subject.name, action, keys: arns, regions: [region], ...change })
    }
  }
  if (isOfKeys || subject.breadth !== 'one') return found
  for (const action of ACTIONS_WITHOUT_KEY) {
    for (const region of regions) {
      const change = await compare(action, region, '*', '*')
      if (change !== null) found.push({ principal: subject.name, action, keys: [], regions: [region], ...change })
    }
  }
  return merged(found)
}

async function callerLater({ name, caller }: Subject, { identities }: World): Promise<Caller> {
  return (await identities.callerNamed(name)) ?? caller
}

function withPolicyOf(question: OpenQuestion, key: KeyFacts | '*'): OpenQuestion {
  if (key === '*') return question
  const { resource } = question.layers
  return { ...question, layers: { ...question.layers, resource: { ...resource, policy: key.policy } } }
}

function statedChange(before: Rest, after: Rest): Pick<Difference, 'change' | 'before' | 'after'> | null {
  if (idOf(before) === idOf(after) || phrase(before, Infinity) === phrase(after, Infinity)) return null
  const change = before === false ? 'gains' : after === false ? 'loses' : 'changes'
  return { change, before: stated(before), after: stated(after) }
}

function stated(rest: Rest) {
  return { when: phrase(rest), condition: restData(rest) }
}

/** The same for several kinds of keys, or in several Regions, is said once. */
function merged(differences: readonly Difference[]): readonly Difference[] {
  const alike = Map.groupBy(differences, ({ action, keys, before, after }) =>
    JSON.stringify([action, keys.length > 0, before.when, after.when]),
  )
  return [...alike.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const regions = [...new Set(group.flatMap((each) => each.regions))]
    return [{ ...first, regions, keys: group.flatMap(({ keys }) => keys) }]
  })
}
