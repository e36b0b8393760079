import type { Region } from '../../domain/region.ts'
import type { Question } from '../../policy/authorize.ts'
import { explain as explainDecision } from '../../policy/explain/explain.ts'
import { findRemedies, type Step } from '../../policy/remedy/remedies.ts'
import { accountOf } from '../access/condition-keys.ts'
import { isManagedByAws } from '../access/decide.ts'
import type { Caller } from '../identities/caller.ts'
import type { Reads } from '../operation.ts'
import type { KeyFacts, Need } from '../access/need.ts'
import { hiddenFrom } from '../access/other-side.ts'
import { momentOf, type PrincipalFate } from '../identities/principal-fate.ts'
import type { ExplainedPermission, ExplainedStep } from './explained.ts'
import { namesOf, principalsOf, remedyFacts } from './facts.ts'
import { uselessGrants, type UselessGrants } from './grants.ts'
import { remediesOf } from './remedy.ts'
import { causeOf, shortName, type Telling } from './words.ts'

/** A question about one permission, and who asks it. */
export interface Asked {
  readonly need: Need
  readonly question: Question
  readonly caller: Caller
  /** The keys that are related to the one that is asked for, in other Regions. */
  readonly related: readonly KeyFacts[]
  /** Where the request went: it may need permissions in another Region too. */
  readonly calledIn: Region
  /**
   * The account that reads it, the caller's or the resource's, which sees nothing of the other's side; null for whoever
   * runs the server.
   */
  readonly reader: string | null
  /** What would be, were the request done, where the permission is asked for as it is then. */
  readonly supposed?: string
  readonly principalFate: Reads['principalFate']
}

/**
 * Says why a permission is given or refused: what is in the way, all of it, and the smallest changes that remove it.
 *
 * INVARIANT: a change of a policy is told only where the engine has tried it.
 */
export async function explain(asked: Asked): Promise<ExplainedPermission> {
  const { need, question, caller, related, calledIn, reader, supposed } = asked
  const hidden = hiddenFrom(reader, caller.account, accountOf(need.on))
  const { decision, tree } = explainDecision(question, hidden)
  const place = {
    action: need.action,
    resource: typeof need.on === 'string' ? need.on : need.on.arn,
    region: need.region,
    calledIn,
    caller: caller.arn,
    ...(supposed !== undefined && { supposed }),
    tree,
  }
  if (decision.allowed) return { allowed: true, ...place, steps: [], isEnough: true, notes: [] }
  const isResourceHidden = hidden.layers.includes('resource')
  const facts = remedyFacts(need, caller, related, hidden)
  const { steps, isEnough } = findRemedies(question, facts)
  const grants = isResourceHidden ? { notes: [], remedies: [] } : await uselessGrants(need, caller, related)
  const telling: Telling = { need, caller, keys: question.request.keys, hidden }
  const namesakes = isResourceHidden ? [] : await namesakesOf(asked)
  const told = steps.map((step) => stepOf(step, telling, grants, namesakes))
  return {
    allowed: false,
    ...place,
    steps: told,
    isEnough: isEnough && !isManagedByAws(need.on),
    notes: grants.notes.filter((note) => !told.some(({ cause }) => cause === note)),
  }
}

function stepOf(step: Step, telling: Telling, grants: UselessGrants, namesakes: readonly string[]): ExplainedStep {
  const { layer, kind } = step.reason
  const owner = accountOf(telling.need.on)
  const isGranted = layer === 'resource' || (layer === 'identity' && owner === telling.caller.account)
  const byGrant = isGranted && kind === 'implicit-deny' && !step.isHidden ? grants.remedies : []
  const isNamesake = step.options.some((option) => option.kind === 'put-again')
  const known = isNamesake ? namesakes : byGrant.length > 0 ? grants.notes.slice(0, 1) : []
  const cause = known.length > 0 ? known.join(' ') : causeOf(step, telling)
  return { cause, remedies: [...byGrant, ...remediesOf(step, telling)] }
}

/** The names of the caller by which a policy means somebody who had them before, in words. */
async function namesakesOf({ need, caller, principalFate }: Asked): Promise<readonly string[]> {
  const { on } = need
  if (typeof on === 'string') return []
  const principals = principalsOf(on)
  const notes: string[] = []
  for (const [name, id] of namesOf(caller)) {
    const meant = principals[name]
    if (meant === undefined || meant === id) continue
    const policy = 'record' in on ? 'key' : 'trust'
    notes.push(
      `The ${policy} policy names ${shortName(name)}, ${meant}, ${becameOf(await principalFate(meant))}; the caller, ${id}, is ` +
        'another of that name.',
    )
  }
  return notes
}

function becameOf(fate: PrincipalFate): string {
  if (fate.kind === 'here') return `which is ${fate.arn} now`
  return fate.kind === 'deleted' ? `which was deleted on ${momentOf(fate.at)}` : 'which was deleted'
}
