import { LRUCache } from 'lru-cache'
import type { PolicySource } from '../policy/authorize.ts'
import { compilePolicy, type CompiledPolicy } from '../policy/compile.ts'
import type { PolicyKind } from '../policy/document.ts'
import { parsePolicy } from '../policy/parse.ts'

const POLICIES = 5000

/** Compiled policies by their texts: a text that many identities share is compiled once. */
export interface PolicyShelf {
  /** @throws Error where a stored policy cannot be read: nothing may be decided without it */
  compile(kind: PolicyKind, text: string): CompiledPolicy
  source(
    kind: PolicyKind,
    policy: { readonly name: string; readonly arn?: string; readonly text: string },
  ): PolicySource
}

export function createPolicyShelf(): PolicyShelf {
  const compiled = new LRUCache<string, CompiledPolicy>({ max: POLICIES })

  function compile(kind: PolicyKind, text: string): CompiledPolicy {
    const name = `${kind}\n${text}`
    const known = compiled.get(name)
    if (known !== undefined) return known
    const parsed = parsePolicy(text, kind)
    if (!parsed.ok) throw new Error(`INVARIANT: a stored policy can be read. ${parsed.errors[0].message}`)
    const made = compilePolicy(parsed.policy)
    compiled.set(name, made)
    return made
  }

  return {
    compile,
    source: (kind, { name, arn, text }) => ({
      policy: compile(kind, text),
      name,
      ...(arn !== undefined && { arn }),
    }),
  }
}
