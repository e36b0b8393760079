import { permits, type Grant, type GrantQuestion } from '../domain/grant.ts'
import { quote } from '../policy/explanation.ts'
import type { Caller } from './caller.ts'
import { granteeForms, grantQuestionOf } from './matching-grants.ts'
import type { KeyFacts, Need } from './operation.ts'
import { turn } from './turns.ts'

/** What a reader takes in of grants of which a key may have thousands. */
const SHOWN = 5

/** A grant to the caller that does not give a permission. */
interface Useless {
  readonly grant: Grant
  readonly on: KeyFacts
  /** Whether it would give it, were it on the key that is asked for. */
  readonly elsewhere: boolean
}

/** Grants that somebody may have counted on. */
export interface UselessGrants {
  /** For people: which grants there are, and why they do not count. */
  readonly lines: readonly string[]
  /** The key in another Region on which a grant gives what is asked for; null where there is none. */
  readonly elsewhere: KeyFacts | null
}

/**
 * Looks for grants to a caller that do not give what is asked for: on the key itself, and on related keys, whose
 * grants never count for each other.
 */
export async function uselessGrants(need: Need, caller: Caller, related: readonly KeyFacts[]): Promise<UselessGrants> {
  const question = grantQuestionOf(need)
  const { on } = need
  if (question === null || typeof on === 'string' || !('record' in on)) return { lines: [], elsewhere: null }
  const found: Useless[] = []
  for (const key of [on, ...related.filter(({ arn }) => arn !== on.arn)]) {
    for (const grant of await key.grantsOf(granteeForms(caller).map(({ id }) => id))) {
      const fits = permits(grant, question)
      if (fits && key.arn === on.arn) continue
      found.push({ grant, on: key, elsewhere: fits })
    }
    await turn()
  }
  const telling = found.toSorted((a, b) => Number(b.elsewhere) - Number(a.elsewhere)).slice(0, SHOWN)
  const lines = telling.map(({ grant, on: key, elsewhere }) => {
    const why = elsewhere ? inRegion(key, on) : misfit(grant, question)
    return `  grant ${short(grant.id)} on ${key.arn}: ${why}`
  })
  const more = found.length - telling.length
  return {
    lines: more === 0 ? lines : [...lines, `  and ${more} more`],
    elsewhere: found.find((each) => each.elsewhere)?.on ?? null,
  }
}

function inRegion(there: KeyFacts, here: KeyFacts): string {
  return (
    `gives this in ${there.record.region}, and nothing in ${here.record.region}: ` +
    'each related key has grants of its own, and none is copied'
  )
}

function misfit(grant: Grant, question: GrantQuestion): string {
  const { operation, encryptionContext } = question
  const { constraints } = grant
  if (constraints !== null && permits({ ...grant, constraints: null }, question)) {
    const asked = pairsOf(encryptionContext)
    return `its ${constraints.type} ${pairsOf(constraints.pairs)} is not met: the request has ${asked}`
  }
  if (operation === 'CreateGrant' && grant.operations.includes('CreateGrant')) {
    return 'it lets nobody give away more than it gives itself'
  }
  return `it permits ${grant.operations.join(', ')}, not ${operation}`
}

function pairsOf(pairs: Readonly<Record<string, string>>): string {
  const entries = Object.entries(pairs)
  return entries.length === 0 ? 'no encryption context' : quote(entries.map(([name, value]) => `${name}=${value}`))
}

function short(id: string): string {
  return `${id.slice(0, 12)}...`
}
