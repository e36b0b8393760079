import { createRecent } from '../../domain/recent.ts'
import type { PolicySource } from '../../policy/authorize.ts'
import { compilePolicy, type CompiledPolicy } from '../../policy/compile.ts'
import type { PolicyKind } from '../../policy/parse/document.ts'
import { parsePolicy } from '../../policy/parse/parse.ts'
import { createPace } from '../turns.ts'

const POLICIES = 5000
/** Characters of policies that are made ready before others have their turn: some 20 ms. */
const CHARACTERS_PER_TURN = 10_000

/** Compiled policies by their texts: a text that many identities share is compiled once. */
export interface PolicyShelf {
  /** @throws Error where a stored policy cannot be read: nothing may be decided without it */
  compile(kind: PolicyKind, text: string): CompiledPolicy
  source(kind: PolicyKind, policy: NamedPolicy): PolicySource
  /** The same of many: those of one identity may have hundreds of thousands of characters, so others have their turn. */
  sources(kind: PolicyKind, policies: readonly NamedPolicy[]): Promise<readonly PolicySource[]>
}

interface NamedPolicy {
  readonly name: string
  /** In full, where that is more than its name. */
  readonly title?: string
  /** What it is attached to, or part of. */
  readonly of?: string
  readonly id?: string
  readonly arn?: string
  readonly text: string
}

/** @param next waits for the next turn */
export function createPolicyShelf(next?: () => Promise<void>): PolicyShelf {
  const compiled = createRecent<string, CompiledPolicy>(POLICIES)
  const spend = createPace(CHARACTERS_PER_TURN, next)

  function compile(kind: PolicyKind, text: string): CompiledPolicy {
    const name = nameOf(kind, text)
    const known = compiled.get(name)
    if (known !== undefined) return known
    const parsed = parsePolicy(text, kind)
    if (!parsed.ok) throw new Error(`INVARIANT: a stored policy can be read. ${parsed.errors[0].message}`)
    const made = compilePolicy(parsed.policy)
    compiled.set(name, made)
    return made
  }

  const source = (kind: PolicyKind, { name, title = name, of, id, arn, text }: NamedPolicy): PolicySource => ({
    policy: compile(kind, text),
    name: title,
    place: { policy: name, ...(of !== undefined && { of }), ...(id !== undefined && { id }) },
    ...(arn !== undefined && { arn }),
  })

  return {
    compile,
    source,
    async sources(kind, policies) {
      const made: PolicySource[] = []
      for (const policy of policies) {
        if (compiled.get(nameOf(kind, policy.text)) === undefined) await spend(policy.text.length)
        made.push(source(kind, policy))
      }
      return made
    },
  }
}

function nameOf(kind: PolicyKind, text: string): string {
  return `${kind}\n${text}`
}
