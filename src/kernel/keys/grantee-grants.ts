import { takesEncryptionContext, type EncryptionContext, type Grant, type GrantQuestion } from '../../domain/grant.ts'

/** One grantee's grants on a key. */
export interface GranteeGrants {
  readonly all: readonly Grant[]
  /**
   * Enough of them to answer a question: for each issuing account, one that permits it if any does. Those that are
   * left out permit nothing that is asked, or the same as another; those that are given may still not permit it.
   */
  candidates(question: GrantQuestion): readonly Grant[]
}

/** Grants with one operation. */
interface OfOperation {
  readonly all: readonly Grant[]
  /** One for each issuing account: without constraints, more of the same say no more. */
  readonly first: readonly Grant[]
  /** Those whose constraints have no pair, one of each kind. */
  readonly pairless: readonly Grant[]
  /** The others, by the first pair of their constraints, which a request must have. */
  readonly byPair: ReadonlyMap<string, readonly Grant[]>
}

/**
 * Indexes the grants of one grantee by operation and by what they demand of the encryption context: a service may
 * hold one for each of thousands of things that it encrypts with the same key.
 */
export function granteeGrants(all: readonly Grant[]): GranteeGrants {
  const byOperation = new Map<string, OfOperation>()
  return {
    all,
    candidates({ operation, encryptionContext, delegation }) {
      let own = byOperation.get(operation)
      if (own === undefined) {
        own = indexOperation(all.filter(({ operations }) => (operations as readonly string[]).includes(operation)))
        // The names of operations come from this server's own questions, of which there are few.
        byOperation.set(operation, own)
      }
      if (delegation !== null) return own.all
      return takesEncryptionContext(operation) ? withPairs(own, encryptionContext) : own.first
    },
  }
}

function withPairs({ pairless, byPair }: OfOperation, context: EncryptionContext): readonly Grant[] {
  if (byPair.size === 0) return pairless
  const found = [...pairless]
  for (const name in context) found.push(...(byPair.get(pairKey(name, context[name] ?? '')) ?? []))
  return found
}

function indexOperation(grants: readonly Grant[]): OfOperation {
  const byPair = new Map<string, Grant[]>()
  const pairless: Grant[] = []
  for (const grant of grants) {
    const [first] = Object.entries(grant.constraints?.pairs ?? {})
    if (first === undefined) pairless.push(grant)
    else {
      const key = pairKey(...first)
      const others = byPair.get(key)
      if (others === undefined) byPair.set(key, [grant])
      else others.push(grant)
    }
  }
  return {
    all: grants,
    first: firstOf(grants, ({ issuingAccount }) => issuingAccount),
    pairless: firstOf(pairless, ({ issuingAccount, constraints }) => `${issuingAccount} ${constraints?.type ?? ''}`),
    byPair,
  }
}

function pairKey(name: string, value: string): string {
  return `${name.length}:${name}${value}`
}

function firstOf(grants: readonly Grant[], kindOf: (grant: Grant) => string): readonly Grant[] {
  const first = new Map<string, Grant>()
  for (const grant of grants) if (!first.has(kindOf(grant))) first.set(kindOf(grant), grant)
  return [...first.values()]
}
