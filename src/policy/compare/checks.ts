import type { CompiledPolicy, CompiledStatement } from '../compile.ts'
import type { Condition } from '../conditions/condition.ts'
import { restrictsCaller } from '../lint/restrictions.ts'
import { type Budget, budgetOf } from './budget.ts'
import { excludes, implies, passed, type Premise, premiseOf } from './implications.ts'
import { covers, meets, type Region, regionsOf } from './regions.ts'

/**
 * What a check found. `UNKNOWN` where the policies are too large to tell.
 *
 * INVARIANT: PASS is certain. FAIL may be wrong where no statement alone shows that a request is denied or was allowed
 * before: that is never tried by cases.
 */
export type Outcome =
  | { readonly result: 'PASS' }
  | { readonly result: 'UNKNOWN' }
  | { readonly result: 'FAIL'; readonly statements: readonly CompiledStatement[] }

/** What somebody shall not be allowed; without actions or resources, any. */
export interface Access {
  readonly actions?: readonly string[]
  readonly resources?: readonly string[]
}

/** Some 40 ms of comparing. */
const STEPS = 1_000_000

/** A policy in two parts, its conditions ready to be compared. */
interface Sides {
  readonly allow: readonly CompiledStatement[]
  readonly deny: readonly CompiledStatement[]
  readonly conditionsOf: (statement: CompiledStatement) => readonly Premise[]
}

function sidesOf({ statements, document: { version } }: CompiledPolicy): Sides {
  const known = new Map<Condition, Premise>()
  const premise = (condition: Condition): Premise => {
    const made = known.get(condition) ?? premiseOf(condition, version)
    known.set(condition, made)
    return made
  }
  return {
    allow: statements.filter(({ effect }) => effect === 'Allow'),
    deny: statements.filter(({ effect }) => effect === 'Deny'),
    conditionsOf: ({ conditions }) => conditions.map(premise),
  }
}

/** The statements of which any region fails. */
function check(
  statements: readonly CompiledStatement[],
  budget: Budget,
  isFine: (statement: CompiledStatement, region: Region) => boolean,
): Outcome {
  const failing: CompiledStatement[] = []
  for (const statement of statements) {
    for (const region of regionsOf(statement.source, budget)) {
      if (isFine(statement, region)) continue
      failing.push(statement)
      break
    }
    if (budget.isSpent) return { result: 'UNKNOWN' }
  }
  return failing.length === 0 ? { result: 'PASS' } : { result: 'FAIL', statements: failing }
}

function allImplied(from: readonly Premise[], all: readonly Premise[], budget: Budget): boolean {
  return all.every((each) => from.some((premise) => implies(premise, each, budget)))
}

/** Whether a Deny that is about all of some regions applies wherever an Allow does. */
function isDenied(sides: Sides, statement: CompiledStatement, regions: readonly Region[], budget: Budget): boolean {
  const given = sides.conditionsOf(statement)
  return sides.deny.some(
    (deny) =>
      regions.some((region) => covers(deny, region, budget)) && allImplied(given, sides.conditionsOf(deny), budget),
  )
}

/** What is known of the requests that a policy allows by a statement in a region. */
function premisesOf(sides: Sides, statement: CompiledStatement, region: Region, budget: Budget): readonly Premise[] {
  const spared = sides.deny.flatMap((deny) => {
    const [only, more] = sides.conditionsOf(deny)
    const known = only === undefined || more !== undefined ? undefined : passed(only)
    return known !== undefined && covers(deny, region, budget) ? known : []
  })
  return [...sides.conditionsOf(statement), ...spared]
}

/** Whether a policy allows nobody any of what is named. */
export function checkAccessNotGranted(policy: CompiledPolicy, access: Access): Outcome {
  const budget = budgetOf(STEPS)
  const sides = sidesOf(policy)
  const { actions = ['*'], resources = ['*'] } = access
  const named = actions.flatMap((action) => resources.map((resource) => ({ action, resource })))
  return check(sides.allow, budget, (statement, region) =>
    named.every(({ action, resource }) => {
      const asked: Region = {
        whom: region.whom,
        action: { pattern: action, except: [] },
        resource: { pattern: resource, except: [] },
      }
      if (!meets(statement, asked, budget)) return true
      // The part of the region that is asked about lies in each of these.
      const around = [region, asked, { ...region, action: asked.action }, { ...region, resource: asked.resource }]
      return isDenied(sides, statement, around, budget)
    }),
  )
}

/** Whether a policy allows nothing that another does not. */
export function checkNoNewAccess(policy: CompiledPolicy, existing: CompiledPolicy): Outcome {
  const budget = budgetOf(STEPS)
  const [sides, old] = [sidesOf(policy), sidesOf(existing)]
  const isSameVersion = policy.document.version === existing.document.version
  const isSame = (one: CompiledStatement, other: CompiledStatement) => isSameVersion && wording(one) === wording(other)
  const kept = new Map<CompiledStatement, boolean>()
  const isKept = (deny: CompiledStatement): boolean => {
    const known = kept.get(deny) ?? isDeniedStill(sides, old, deny, isSame, budget)
    kept.set(deny, known)
    return known
  }
  return check(sides.allow, budget, (statement, region) => {
    if (isDenied(sides, statement, [region], budget)) return true
    const premises = premisesOf(sides, statement, region, budget)
    const wasAllowed = old.allow.some(
      (allow) =>
        isSame(statement, allow) ||
        (covers(allow, region, budget) && allImplied(premises, old.conditionsOf(allow), budget)),
    )
    if (!wasAllowed) return false
    const given = sides.conditionsOf(statement)
    return old.deny.every((deny) => {
      if (!meets(deny, region, budget) || isKept(deny)) return true
      const denied = old.conditionsOf(deny)
      if (denied.some((each) => given.some((premise) => excludes(premise, each, budget)))) return true
      return sides.deny.some(
        (still) => covers(still, region, budget) && allImplied(denied, sides.conditionsOf(still), budget),
      )
    })
  })
}

/** Whether all that a Deny of the old policy denies is denied by one of the new. */
function isDeniedStill(
  sides: Sides,
  old: Sides,
  deny: CompiledStatement,
  isSame: (one: CompiledStatement, other: CompiledStatement) => boolean,
  budget: Budget,
): boolean {
  return sides.deny.some((still) => {
    if (isSame(still, deny)) return true
    if (!allImplied(old.conditionsOf(deny), sides.conditionsOf(still), budget)) return false
    return [...regionsOf(deny.source, budget)].every((region) => covers(still, region, budget))
  })
}

/** What a statement says, without where it stands. */
function wording({ source: { effect, principal, action, resource, conditions } }: CompiledStatement): string {
  const names = principal?.entries.map(({ type, value }) => [type, value])
  const patterns = [action, resource].map((each) => [each?.negated, each?.patterns.map(({ value }) => value)])
  const asked = conditions.map(({ operator, key, values }) => [operator, key, values])
  return JSON.stringify([effect, principal?.negated, names, patterns, asked])
}

/** Whether a resource's policy lets in nobody but those whom it names, or who are named by a condition. */
export function checkNoPublicAccess(policy: CompiledPolicy): Outcome {
  const budget = budgetOf(STEPS)
  const sides = sidesOf(policy)
  return check(sides.allow, budget, (statement, region) => {
    const { whom } = region
    if (whom.kind === 'named' && whom.type !== 'Federated') return true
    if (isDenied(sides, statement, [region], budget)) return true
    const premises = premisesOf(sides, statement, region, budget)
    if (premises.some(isLimited)) return true
    return (
      whom.kind === 'named' && (isOwnProvider(whom.name) || premises.some((premise) => isClaimOf(whom.name, premise)))
    )
  })
}

function isLimited({ operator, lowerCaseKey: key, values }: Premise): boolean {
  return restrictsCaller({ operator, key, values: values.map((text) => ({ text })) })
}

/** A SAML provider is an account's own. */
function isOwnProvider(name: string): boolean {
  return name.includes(':saml-provider/')
}

/** Whether a condition asks for a claim that an identity provider makes of few of its users. */
function isClaimOf(name: string, { operator, lowerCaseKey, values }: Premise): boolean {
  const host = name.replace(/^Federated (?:.*:oidc-provider\/)?/, '').toLowerCase()
  const { negated, ifExists, quantifier, family } = operator
  if (negated || ifExists || quantifier === 'all' || family !== 'string') return false
  return lowerCaseKey.startsWith(`${host}:`) && values.every(isOfFew)
}

/** The audience may be AWS itself, which is everybody's. */
function isOfFew(value: string): boolean {
  return !/[*?]|\$\{/.test(value) && value !== 'sts.amazonaws.com'
}
