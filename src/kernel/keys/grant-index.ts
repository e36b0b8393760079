import type { Grant, GrantQuestion } from '../../domain/grant.ts'
import { granteeGrants, type GranteeGrants } from './grantee-grants.ts'

/** How many grantees are remembered: sessions are named by their holders, so there may be any number. */
const GRANTEES = 1000

const NONE = granteeGrants(Object.freeze([]))

/**
 * The grants on one key to any of these grantees, by their unique ids. At once where it was asked for them before.
 *
 * @param question leaves out grants that surely do not permit it, and those that permit the same as others
 */
export type GrantLookup = (
  grantees: readonly string[],
  question?: GrantQuestion,
) => readonly Grant[] | Promise<readonly Grant[]>

/**
 * Looks up one key's grants by grantee, and reads those of a grantee when they are first asked for: a key may have
 * 50,000, and a decision needs those of its caller.
 *
 * INVARIANT: it lives no longer than the snapshot of its key, which any change of the key's grants ends.
 */
export function createGrantIndex(read: (grantees: readonly string[]) => Promise<readonly Grant[]>): GrantLookup {
  const known = new Map<string, GranteeGrants>()

  async function load(grantees: readonly string[]): Promise<readonly GranteeGrants[]> {
    const found = await read(grantees)
    if (known.size + grantees.length > GRANTEES) known.clear()
    return grantees.map((grantee) => {
      const own = found.filter((grant) => grant.grantee.id === grantee)
      const grants = own.length === 0 ? NONE : granteeGrants(own)
      known.set(grantee, grants)
      return grants
    })
  }

  return (grantees, question) => {
    const found: GranteeGrants[] = []
    for (const grantee of grantees) {
      const own = known.get(grantee)
      if (own === undefined) return load(grantees).then((loaded) => collect(loaded, question))
      if (own !== NONE) found.push(own)
    }
    return collect(found, question)
  }
}

function collect(grants: readonly GranteeGrants[], question: GrantQuestion | undefined): readonly Grant[] {
  const [only] = grants
  if (only === undefined) return NONE.all
  const of = (own: GranteeGrants) => (question === undefined ? own.all : own.candidates(question))
  return grants.length === 1 ? of(only) : grants.flatMap(of)
}
