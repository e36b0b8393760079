import { authorize } from '../../src/policy/authorize.ts'
import { conditionKeys } from '../../src/policy/context.ts'
import { authorizePartially } from '../../src/policy/partial/partial.ts'
import { open, settle } from '../../src/policy/partial/rest.ts'
import { toEngine } from './engine.ts'
import { referenceAuthorize, type ReferenceQuestion } from './reference-evaluator.ts'

/** A rest that does not settle to what the engine and the reference evaluator answer. */
class WrongRest extends Error {}

/**
 * Leaves some condition keys of a question open, and settles the rest with the keys that the question has: it must be
 * the answer of the engine and of the reference evaluator.
 *
 * @param opened names of condition keys
 * @param constrained of each grant, the value that the key `team` must have for it to match; null for no constraint
 * @returns `yes` or `no` where it does not depend on what is open, `if` where it does
 */
export function checkRest(
  q: ReferenceQuestion,
  opened: readonly string[],
  constrained: readonly (string | null)[],
): 'yes' | 'no' | 'if' {
  const all = toEngine(q)
  const { keys } = all.request
  const names = new Set(opened.map((name) => name.toLowerCase()))
  const grants = (all.grants ?? []).map((grant, index) => {
    const team = constrained[index] ?? null
    const holds = (given: typeof keys) => team === null || given.get('team') === team
    const isTeamOpen = names.has('team')
    const described = { id: `team ${team}`, phrase: () => `team is ${team}`, data: {} }
    return {
      grant,
      holds: holds(keys),
      when: isTeamOpen && team !== null ? open({ ...described, holds }) : holds(keys),
    }
  })
  const known = Object.entries(q.context).filter(([name]) => !names.has(name.toLowerCase()))
  const rest = authorizePartially({
    ...all,
    request: { ...all.request, keys: conditionKeys(Object.fromEntries(known)) },
    isOpen: (key) => names.has(key),
    grants: grants.map(({ grant, when }) => ({ ...grant, when })),
  })
  const matching = grants.filter(({ holds }) => holds).map(({ grant }) => grant)
  const settled = settle(rest, keys)
  const decided = authorize({ ...all, grants: matching }).allowed
  const expected = referenceAuthorize({ ...q, grants: matching }) === 'allow'
  if (settled !== decided || settled !== expected) {
    throw new WrongRest(`settles to ${settled}, but the engine says ${decided}, and the reference ${expected}`)
  }
  if (typeof rest === 'boolean') return rest ? 'yes' : 'no'
  return 'if'
}
