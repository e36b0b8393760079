import type { Region } from '../../domain/region.ts'
import { askPartially } from '../../kernel/access/open-question.ts'
import { need } from '../../kernel/access/need.ts'
import type { Call } from '../../kernel/call.ts'
import type { Authority } from '../../kernel/access/decide.ts'
import { createPace, turn } from '../../kernel/turns.ts'
import type { Caller } from '../../kernel/identities/caller.ts'
import { phrase, restData } from '../../policy/partial/describe.ts'
import type { Rest } from '../../policy/partial/rest.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import type { Identities } from '../../kernel/identities/identities.ts'
import { possibleActions, requireKeyAction, usualActions } from './actions.ts'
import { requireConditionKeys } from './condition-keys.ts'
import { InspectionError } from './inspection-error.ts'
import { subjectsOf, type Cursor, type PlacedKey, type Subject } from './subjects.ts'

/** What is asked of a key. Empty lists ask for the usual actions, all principals, all Regions that have the key. */
export interface WhoCanQuestion {
  readonly key: string
  readonly actions: readonly string[]
  /** ARNs and other names as they are listed; `*` stands for any text. */
  readonly principals: readonly string[]
  readonly regions: readonly string[]
  /** Condition keys that every request has; what is not given stays open. */
  readonly context: Readonly<Record<string, string | readonly string[]>>
  readonly after: Cursor
  /** The account that asks, and sees its own side; whoever runs the server sees all. */
  readonly reader?: string
}

/** Whether somebody may do something in one Region. */
export interface Access {
  readonly action: string
  readonly region: Region
  /** `none` where the key there cannot do this at all, whoever asks. */
  readonly access: 'yes' | 'no' | 'if' | 'none'
  /** For `if`, on what it depends: in words, and for programs. */
  readonly when?: string
  readonly condition?: unknown
}

/** A page of answers. */
export interface WhoCanPage {
  readonly regions: readonly Region[]
  /** Regions of other servers that have a related key, or could not be asked whether: nothing is said of those. */
  readonly unseen: readonly Region[]
  readonly actions: readonly string[]
  readonly rows: readonly { readonly principal: string; readonly answers: readonly Access[] }[]
  /** Where the next page goes on; null where there is none. */
  readonly next: Cursor
}

/** What a page is made from. */
export interface WhoCanSources {
  readonly reads: GlobalReads
  readonly identities: Identities
  readonly authority: Authority
  readonly callAs: (caller: Caller, region: Region) => Call
}

/** A page ends with so many rows, or when so many principals were looked at or so many questions were asked. */
const ROWS = 200
const SUBJECTS = 1000
const QUESTIONS = 5000
/** Questions after which others have their turn: some 5 ms. */
const ASKED_PER_TURN = 50

/**
 * Says who may do what with a key and with every key that is related to it, for a page of principals.
 *
 * What requests may say stays open: the answer is then `if`, and on what it depends.
 *
 * @throws InspectionError where an action, Region or condition key is none
 */
export async function whoCan(
  related: readonly PlacedKey[],
  unseen: readonly Region[],
  asked: WhoCanQuestion,
  { reads, identities, authority, callAs }: WhoCanSources,
): Promise<WhoCanPage> {
  requireConditionKeys(asked.context)
  const places = placesOf(related, unseen, asked.regions)
  const actions = actionsOf(places, asked.actions)
  const isAsked = filterOf(asked.principals)
  const pace = createPace(ASKED_PER_TURN)
  let asks = 0
  const answer = async ({ caller, breadth }: Subject): Promise<readonly Access[]> => {
    const answers: Access[] = []
    for (const action of actions) {
      for (const { region, snapshot } of places) {
        asks += 1
        await pace(1)
        const isPossible = possibleActions(snapshot).has(action)
        const asking = need(action, snapshot, region, asked.context)
        const rest = isPossible ? await askPartially(asking, callAs(caller, region), authority, breadth) : null
        answers.push({ action, region, ...accessOf(rest) })
      }
    }
    return answers
  }
  const rows: { principal: string; answers: readonly Access[] }[] = []
  let next: Cursor = null
  let seen = 0
  for await (const { subject, next: place } of subjectsOf(related, reads, identities, asked.after, asked.reader)) {
    await turn()
    seen += 1
    if (isAsked(subject.name)) rows.push({ principal: subject.name, answers: await answer(subject) })
    if (rows.length < ROWS && seen < SUBJECTS && asks < QUESTIONS) continue
    next = place
    break
  }
  return { regions: places.map(({ region }) => region), unseen, actions, rows, next }
}

function placesOf(
  related: readonly PlacedKey[],
  unseen: readonly Region[],
  regions: readonly string[],
): readonly PlacedKey[] {
  const foreign = regions.find((region) => unseen.includes(region))
  if (foreign !== undefined) {
    throw new InspectionError(`${foreign} is served by another server of this deployment. Ask there.`)
  }
  const there = related.map(({ region }) => region)
  const missing = regions.find((region) => !there.includes(region))
  if (missing !== undefined) {
    throw new InspectionError(`The key is not in "${missing}". It is in ${there.join(', ')}.`)
  }
  return related.filter(({ region }) => regions.length === 0 || regions.includes(region))
}

function actionsOf(places: readonly PlacedKey[], asked: readonly string[]): readonly string[] {
  const possible = new Set(places.flatMap(({ snapshot }) => [...possibleActions(snapshot)]))
  if (asked.includes('all')) return [...possible]
  if (asked.length > 0) return asked.map((action) => requireKeyAction(action))
  const usual = places.flatMap(({ snapshot }) => usualActions(snapshot))
  return [...new Set(usual)].filter((action) => possible.has(action))
}

function accessOf(rest: Rest | null): Pick<Access, 'access' | 'when' | 'condition'> {
  if (rest === null) return { access: 'none' }
  if (typeof rest === 'boolean') return { access: rest ? 'yes' : 'no' }
  return { access: 'if', when: phrase(rest), condition: restData(rest) }
}

/** Says whether a name is asked for: as it is, or by a pattern. */
function filterOf(patterns: readonly string[]): (name: string) => boolean {
  const forms = patterns.map((pattern) => pattern.split('*'))
  return (name) => forms.length === 0 || forms.some((parts) => isOfForm(name, parts))
}

/** Whether a name has these parts one after the other, with anything between them. What was found is not tried again. */
function isOfForm(name: string, [first = '', ...others]: readonly string[]): boolean {
  const last = others.pop()
  if (last === undefined) return name === first
  if (!name.startsWith(first)) return false
  let place = first.length
  for (const part of others) {
    const found = name.indexOf(part, place)
    if (found === -1) return false
    place = found + part.length
  }
  return name.length - last.length >= place && name.endsWith(last)
}
