import { crossesAccounts } from '../../domain/cross-account.ts'
import { authorize } from '../../policy/authorize.ts'
import { comparisonsOf } from '../../policy/comparisons.ts'
import { compilePolicy, type CompiledPolicy } from '../../policy/compile.ts'
import type { ConditionKeys, RequestContext } from '../../policy/context.ts'
import type { PolicyCaller, PolicyLayers } from '../../policy/layers.ts'
import { parsePolicy } from '../../policy/parse/parse.ts'

/** A policy of a simulation: stored ones and such as are only tried. */
export interface SimulatedPolicy {
  /** By which results name it. */
  readonly id: string
  readonly type: string
  readonly text: string
}

/** The policies and the caller of a simulation. */
export interface Simulation {
  readonly account: string
  /** The caller's ARN; null where nobody in particular asks, whom no policy of a resource can name. */
  readonly caller: string | null
  readonly identity: readonly SimulatedPolicy[]
  readonly boundary: SimulatedPolicy | null
  readonly resource: SimulatedPolicy | null
  readonly resourceAccount: string
}

/** One question of a simulation. */
export interface SimulatedRequest {
  readonly action: string
  readonly resource: string
  readonly keys: ConditionKeys
}

/** What a simulation answers to one question. */
export interface SimulatedAnswer {
  readonly decision: 'allowed' | 'explicitDeny' | 'implicitDeny'
  readonly boundaryAllows: boolean | null
  /** The statements on which the decision rests. */
  readonly matched: readonly {
    readonly policy: SimulatedPolicy
    readonly line: number
    readonly column: number
  }[]
  /** Condition keys that the policies ask for and the question does not have. */
  readonly missing: readonly string[]
}

/** Policies of a simulation that are ready to be asked. */
export interface ReadySimulation {
  /** How many comparisons an answer takes at most. */
  comparisons(request: SimulatedRequest): number
  ask(request: SimulatedRequest): SimulatedAnswer
}

/** A policy of a simulation that cannot be read. */
export class SimulationError extends Error {}

interface Ready {
  readonly source: SimulatedPolicy
  readonly policy: CompiledPolicy
}

/**
 * Prepares to answer what policies would allow, without doing anything.
 *
 * The engine is the one that decides on real requests; control policies of an organization are not asked.
 *
 * @param spend is told how many characters of policies were made ready, and may wait
 * @throws SimulationError where a policy cannot be read
 */
export async function simulation(
  { account, caller, ...policies }: Simulation,
  spend: (characters: number) => Promise<void>,
): Promise<ReadySimulation> {
  const ready = async (source: SimulatedPolicy, kind: 'identity' | 'boundary' | 'key') => {
    await spend(source.text.length)
    return compile(source, kind)
  }
  const identity: Ready[] = []
  for (const source of policies.identity) identity.push(await ready(source, 'identity'))
  const boundary = policies.boundary === null ? null : await ready(policies.boundary, 'boundary')
  const resource = policies.resource === null ? null : await ready(policies.resource, 'key')
  const everything = [...identity, ...[boundary, resource].filter((each) => each !== null)]
  const layers: PolicyLayers = {
    identity,
    ...(boundary !== null && { boundary }),
    ...(resource !== null && { resource }),
  }
  const facts: PolicyCaller = { ...callerOf(account, caller), hasBoundary: boundary !== null }
  const compiled = everything.map(({ policy }) => policy)
  return {
    // Once to decide, and once to name the statements on which the decision rests.
    comparisons: (request) => 2 * comparisonsOf(compiled, request),
    ask(request) {
      const { resourceAccount } = policies
      const crossAccount = crossesAccounts(request.action)
      const decision = authorize({ request, caller: facts, layers, resourceAccount, crossAccount })
      const isDenied = !decision.allowed && decision.reason.kind === 'explicit-deny'
      const boundaryOnly = { request, caller: { ...facts, hasBoundary: false }, crossAccount: true }
      return {
        decision: decision.allowed ? 'allowed' : isDenied ? 'explicitDeny' : 'implicitDeny',
        boundaryAllows:
          boundary === null ? null : authorize({ ...boundaryOnly, layers: { identity: [boundary] } }).allowed,
        matched: everything.flatMap((each) => matches(each, isDenied ? 'deny' : 'allow', request, facts)),
        missing: missingKeys(everything, request),
      }
    },
  }
}

function compile(source: SimulatedPolicy, kind: 'identity' | 'boundary' | 'key'): Ready {
  const read = parsePolicy(source.text, kind)
  if (!read.ok) throw new SimulationError(`${source.id}: ${read.errors[0].message}`)
  return { source, policy: compilePolicy(read.policy) }
}

function callerOf(account: string, arn: string | null): Omit<PolicyCaller, 'hasBoundary'> {
  if (arn === null) return { type: 'user', account, forms: [] }
  const kind = arn.includes(':role/') ? 'role' : 'user'
  return { type: kind, account, forms: [{ kind, id: arn }] }
}

function matches(
  { source, policy }: Ready,
  effect: 'allow' | 'deny',
  request: RequestContext,
  caller: PolicyCaller,
): SimulatedAnswer['matched'] {
  const candidates = policy.candidates(request.action)
  return candidates[effect]
    .filter(
      (statement) =>
        statement.matchesPrincipal(caller) !== 0 &&
        statement.matchesResource(request) &&
        statement.conditions.every((condition) => condition.holds(request.keys)),
    )
    .map((statement) => ({ policy: source, line: statement.source.line, column: statement.source.column }))
}

function missingKeys(policies: readonly Ready[], { action, keys }: RequestContext): readonly string[] {
  const missing = new Map<string, string>()
  for (const { policy } of policies) {
    const { allow, deny } = policy.candidates(action)
    for (const { key, lowerCaseKey } of [...allow, ...deny].flatMap((statement) => statement.conditions)) {
      if (keys.get(lowerCaseKey) === undefined) missing.set(lowerCaseKey, key)
    }
  }
  return [...missing.values()]
}
