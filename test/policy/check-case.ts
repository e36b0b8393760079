import { isDeepStrictEqual } from 'node:util'
import { authorize, type Question } from '../../src/policy/authorize.ts'
import { explain } from '../../src/policy/explain/explain.ts'
import { describe as words, source, toEngine } from './engine.ts'
import { referenceAuthorize, type ReferenceQuestion } from './reference-evaluator.ts'

/** Anything that is wrong with one answer. */
class WrongAnswer extends Error {}

/**
 * Puts one question to the reference evaluator, to the engine, and to its explanation, which must agree.
 *
 * @returns the answer
 */
export function checkCase(q: ReferenceQuestion): string {
  const engine = toEngine(q)
  const decision = authorize(engine)
  const expected = referenceAuthorize(q)
  if (words(decision) !== expected) throw new WrongAnswer(`${words(decision)}, but ${expected} by the reference`)
  if (!isDeepStrictEqual(explain(engine).decision, decision)) {
    throw new WrongAnswer(`${words(decision)}, but ${words(explain(engine).decision)} where it is explained`)
  }
  return expected
}

const document = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: statement })
const ALL = { Effect: 'Deny', Action: 'kms:*', Resource: '*' }
const ALWAYS = { own: source(document(ALL), 'identity'), resource: source(document({ ...ALL, Principal: '*' }), 'rcp') }
const Condition = { StringLike: { team: 'mrk-*' } }
const SOMETIMES = { own: source(document({ ...ALL, Condition }), 'identity') }

/** Ways to add a statement that denies: whether it concerns every question of that caller, and where it goes. */
const WAYS: readonly { readonly always: boolean; add(layers: Question['layers']): Question['layers'] }[] = [
  { always: true, add: (layers) => ({ ...layers, identity: [...(layers.identity ?? []), ALWAYS.own] }) },
  { always: true, add: (layers) => ({ ...layers, session: [...(layers.session ?? []), ALWAYS.own] }) },
  { always: true, add: (layers) => ({ ...layers, boundary: ALWAYS.own }) },
  { always: true, add: (layers) => ({ ...layers, scp: [...(layers.scp ?? []), [ALWAYS.own]] }) },
  { always: true, add: (layers) => ({ ...layers, rcp: [...(layers.rcp ?? []), [ALWAYS.resource]] }) },
  { always: false, add: (layers) => ({ ...layers, identity: [...(layers.identity ?? []), SOMETIMES.own] }) },
]

/** How many ways there are to add a statement that denies. */
export const DENIALS = WAYS.length

/** What a key's policies allow is allowed whatever grants there are: grants are not even read where it is. */
export function checkWithoutGrants(q: ReferenceQuestion): void {
  const { grants, ...engine } = toEngine(q)
  if (grants === undefined || grants.length === 0 || engine.layers.resource === undefined) return
  if (authorize(engine).allowed && !authorize({ ...engine, grants }).allowed) {
    throw new WrongAnswer('grants made it refuse')
  }
}

/** A Deny that is added somewhere never allows what was refused, and refuses all that it concerns. */
export function checkDenial(q: ReferenceQuestion, which: number): void {
  const engine = toEngine(q)
  const before = authorize(engine)
  const denial = WAYS[which]
  if (denial === undefined) return
  const after = authorize({ ...engine, layers: denial.add(engine.layers) })
  if (after.allowed && !before.allowed) throw new WrongAnswer(`a Deny (${which}) made it allow`)
  if (denial.always && after.allowed && q.caller.type !== 'service') {
    throw new WrongAnswer(`it is allowed for all that a Deny (${which}) says`)
  }
}
