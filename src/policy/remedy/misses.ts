import type { CompiledStatement } from '../compile.ts'
import type { Layer, PolicySource, Question } from '../layers.ts'

/** A statement that allows, and what keeps it from being about a question. */
export interface Near {
  readonly layer: Layer
  readonly source: PolicySource
  readonly statement: CompiledStatement
  readonly misses: {
    readonly action: boolean
    readonly principal: boolean
    readonly resource: boolean
    /** The places of conditions that do not hold. */
    readonly conditions: readonly number[]
  }
}

/** What a person looks at. */
const MOST = 3

/**
 * The statements that come closest to allowing what is asked, the closest first.
 *
 * One that names somebody else and has conditions that do not hold is about something else, and so is one about another
 * service.
 */
export function nearest(layer: Layer, sources: readonly PolicySource[], question: Question): readonly Near[] {
  return sources
    .flatMap((source) => source.policy.statements.map((statement) => nearOf({ layer, source, statement }, question)))
    .filter((near) => isClose(near, question))
    .toSorted((a, b) => distance(a) - distance(b))
    .slice(0, MOST)
}

function nearOf(place: Omit<Near, 'misses'>, { request, caller }: Question): Near {
  const { statement } = place
  return {
    ...place,
    misses: {
      action: !statement.matchesAction(request.action.toLowerCase()),
      principal: statement.matchesPrincipal(caller) === 0,
      resource: !statement.matchesResource(request),
      conditions: statement.conditions.flatMap(({ holds }, index) => (holds(request.keys) ? [] : [index])),
    },
  }
}

function isClose({ statement, misses }: Near, { request }: Question): boolean {
  if (statement.effect !== 'Allow') return false
  const { action, principal, resource, conditions } = misses
  const service = request.action.replace(/:.*$/, ':').toLowerCase()
  const patterns = statement.source.action?.patterns ?? []
  if (action && !patterns.some(({ value }) => value.toLowerCase().startsWith(service))) return false
  const others = Number(action) + Number(principal) + Number(resource)
  return conditions.length === 0 ? others === 1 : !principal && others <= 1
}

function distance({ misses }: Near): number {
  const { action, principal, resource, conditions } = misses
  // What was meant for this caller, key and action is closer than what was meant for others.
  return conditions.length + 2 * Number(resource) + 3 * Number(principal) + 3 * Number(action)
}
