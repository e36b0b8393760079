import type { Grant } from '../domain/grant.ts'

/** How many grantees are remembered: sessions are named by their holders, so there may be any number. */
const GRANTEES = 1000

const NONE: readonly Grant[] = Object.freeze([])

/**
 * Looks up one key's grants by grantee, and reads those of a grantee when they are first asked for: a key may have
 * 50,000, and a decision needs those of its caller.
 *
 * INVARIANT: it lives no longer than the snapshot of its key, which any change of the key's grants ends.
 */
export function createGrantIndex(
  read: (grantees: readonly string[]) => Promise<readonly Grant[]>,
): (grantees: readonly string[]) => readonly Grant[] | Promise<readonly Grant[]> {
  const known = new Map<string, readonly Grant[]>()

  async function load(grantees: readonly string[]): Promise<readonly Grant[]> {
    const found = await read(grantees)
    if (known.size + grantees.length > GRANTEES) known.clear()
    for (const grantee of grantees) {
      const own = found.filter((grant) => grant.grantee.id === grantee)
      known.set(grantee, own.length === 0 ? NONE : own)
    }
    return found
  }

  return (grantees) => {
    const found = grantees.map((grantee) => known.get(grantee))
    return found.every((own) => own !== undefined) ? found.flat() : load(grantees)
  }
}
