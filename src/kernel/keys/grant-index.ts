import type { Grant, GrantQuestion } from '../../domain/grant.ts'
import { createRecent, type Recent } from '../../domain/recent.ts'
import { granteeGrants, type GranteeGrants } from './grantee-grants.ts'

/**
 * How much memory remembered grants may take, in bytes, as far as they are reckoned: those of all keys together, for
 * sessions are named by their holders, so that there may be any number of grantees.
 */
const GRANTS_BYTES = 32 * 1024 * 1024
/** What is reckoned for a grantee, and for each of its grants. */
const GRANTEE_BYTES = 300
const GRANT_BYTES = 1500

/** What each grantee has on each key, as it was last looked up. */
export type GrantMemory = Recent<string, GranteeGrants>

export function createGrantMemory(bytes = GRANTS_BYTES): GrantMemory {
  return createRecent(bytes, ({ all }) => GRANTEE_BYTES + GRANT_BYTES * all.length)
}

const NONE = granteeGrants(Object.freeze([]))

/** How many indexes there were: each has names of its own in a memory. */
let indexes = 0

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
 * @param known where it remembers them; many share one
 *
 * INVARIANT: it lives no longer than the snapshot of its key, which any change of the key's grants ends. What it has
 * in the memory is found by no other.
 */
export function createGrantIndex(
  read: (grantees: readonly string[]) => Promise<readonly Grant[]>,
  known: GrantMemory = createGrantMemory(),
): GrantLookup {
  const index = (indexes += 1)
  const nameOf = (grantee: string) => `${index}/${grantee}`

  async function load(grantees: readonly string[]): Promise<readonly GranteeGrants[]> {
    const found = await read(grantees)
    return grantees.map((grantee) => {
      const own = found.filter((grant) => grant.grantee.id === grantee)
      const grants = own.length === 0 ? NONE : granteeGrants(own)
      known.set(nameOf(grantee), grants)
      return grants
    })
  }

  return (grantees, question) => {
    const found: GranteeGrants[] = []
    for (const grantee of grantees) {
      const own = known.get(nameOf(grantee))
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
