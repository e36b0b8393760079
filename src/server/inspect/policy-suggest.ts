import type { EncryptionContext } from '../../domain/grant.ts'
import { encryptionContextIn } from '../../kernel/access/matching-grants.ts'
import type { RecordedNeed } from './recorded-calls.ts'

/** The least that some recorded calls needed, as a policy, and what was not used of what is allowed today. */
export interface Suggestion {
  /** How many calls it is made from. */
  readonly calls: number
  readonly policy: { readonly Version: '2012-10-17'; readonly Statement: readonly Statement[] }
  /** What a person should look at before the policy is put. */
  readonly notes: readonly string[]
  readonly unused: readonly Unused[]
}

/** A statement of a suggested policy. */
interface Statement {
  readonly Effect: 'Allow'
  readonly Principal?: { readonly AWS: readonly string[] }
  readonly Action: readonly string[]
  readonly Resource: readonly string[] | '*'
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
}

/** Actions that a principal may ask for and has not. */
export interface Unused {
  readonly principal: string
  readonly actions: readonly string[]
}

/** So many values of one name of an encryption context are listed; of more, only that there is one. */
const MOST_VALUES = 10

const CONTEXT_PREFIX = 'kms:EncryptionContext:'

/** What was seen of one permission. */
export interface Seen {
  readonly principal: string
  readonly action: string
  readonly resource: string
  readonly regions: Set<string>
  /** Of the encryption contexts, the values by name; a name that not every call had is not there. */
  contexts: Map<string, Set<string>> | null
}

/** What was seen, gathered call by call. */
interface Sightings {
  readonly see: (need: RecordedNeed) => void
  readonly seen: () => readonly Seen[]
}

/** Gathers permissions from recorded calls. What was refused was not needed. */
export function createSightings(): Sightings {
  const sightings = new Map<string, Seen>()
  return {
    see({ principal, action, resource, region, context }) {
      const name = JSON.stringify([principal, action, resource])
      const known = sightings.get(name) ?? { principal, action, resource, regions: new Set<string>(), contexts: null }
      known.regions.add(region)
      known.contexts = joined(known.contexts, encryptionContextIn(context))
      sightings.set(name, known)
    },
    seen: () => [...sightings.values()],
  }
}

/** Keeps the names that all have. */
function joined(before: Seen['contexts'], pairs: EncryptionContext): Map<string, Set<string>> {
  if (before === null) return new Map(Object.entries(pairs).map(([name, value]) => [name, new Set([value])]))
  const common = new Map<string, Set<string>>()
  for (const [name, values] of before) {
    if (!Object.hasOwn(pairs, name)) continue
    common.set(name, values.size > MOST_VALUES ? values : values.add(pairs[name] ?? ''))
  }
  return common
}

/**
 * The least policy for what was seen: what differs in nothing but the action, the resource or the principal is one
 * statement.
 *
 * @param ofKey whether it is a key's own policy, which names principals and no resources
 */
export function statementsFor(seen: readonly Seen[], ofKey: boolean): readonly Statement[] {
  const rows = seen.map((each) => ({ ...each, condition: conditionFor(each, ofKey) }))
  const of = (row: (typeof rows)[number]) => (ofKey ? row.principal : row.resource)
  // First the actions that one resource, or principal, has under one condition; then those that have the same actions.
  const byOwner = Map.groupBy(rows, (row) => JSON.stringify([of(row), row.condition]))
  const owners = [...byOwner.values()].map((group) => ({
    owner: group[0] === undefined ? '' : of(group[0]),
    actions: [...new Set(group.map(({ action }) => action))].toSorted(byText),
    condition: group[0]?.condition,
  }))
  const alike = Map.groupBy(owners, ({ actions, condition }) => JSON.stringify([actions, condition]))
  return [...alike.values()].map((group) => {
    const names = group.map(({ owner }) => owner).toSorted(byText)
    const { actions = [], condition } = group[0] ?? {}
    return {
      Effect: 'Allow',
      ...(ofKey && { Principal: { AWS: names } }),
      Action: actions,
      Resource: ofKey || names.includes('*') ? '*' : names,
      ...(condition !== undefined && { Condition: condition }),
    }
  })
}

function conditionFor({ contexts, resource, regions }: Seen, ofKey: boolean): Statement['Condition'] {
  const values: Record<string, readonly string[]> = {}
  const present: Record<string, readonly string[]> = {}
  for (const [name, seen] of contexts ?? []) {
    if (seen.size > MOST_VALUES) present[CONTEXT_PREFIX + name] = ['false']
    else values[CONTEXT_PREFIX + name] = [...seen].toSorted(byText)
  }
  if (resource === '*' && !ofKey) values['aws:RequestedRegion'] = [...regions].toSorted(byText)
  const conditions = {
    ...(Object.keys(values).length > 0 && { StringEquals: values }),
    ...(Object.keys(present).length > 0 && { Null: present }),
  }
  return Object.keys(conditions).length === 0 ? undefined : conditions
}

function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
