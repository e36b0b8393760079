import { compilePolicy } from '../../src/policy/compile.ts'
import { conditionKeys } from '../../src/policy/context.ts'
import type { Decision, PolicySource, Question } from '../../src/policy/authorize.ts'
import { parsePolicy, type PolicyKind } from '../../src/policy/parse/parse.ts'
import type { ReferenceQuestion } from './reference-evaluator.ts'

/** Compiles a document that must be well-formed. */
export function source(text: string, kind: PolicyKind): PolicySource {
  const parsed = parsePolicy(text, kind, { allowNotPrincipal: true })
  if (!parsed.ok) throw new Error(`${kind}: ${JSON.stringify(parsed.errors)}\n${text}`)
  return { policy: compilePolicy(parsed.policy) }
}

function optional<T, U>(value: T | undefined, convert: (value: T) => U): U | undefined {
  return value === undefined ? undefined : convert(value)
}

/** Turns a question for the reference evaluator into one for the engine. */
export function toEngine(q: ReferenceQuestion): Question {
  const layers = {
    identity: q.identity.map((text) => source(text, 'identity')),
    boundary: optional(q.boundary, (text) => source(text, 'boundary')),
    session: optional(q.session, (texts) => texts.map((text) => source(text, 'session'))),
    scp: optional(q.scp, (levels) => levels.map((level) => level.map((text) => source(text, 'scp')))),
    rcp: optional(q.rcp, (levels) => levels.map((level) => level.map((text) => source(text, 'rcp')))),
    vpce: optional(q.vpce, (text) => source(text, 'vpce')),
    resource: optional(q.resourcePolicy, (text) => source(text, 'key')),
  }
  const present = Object.fromEntries(Object.entries(layers).filter(([, value]) => value !== undefined))
  return {
    request: { action: q.action, resource: q.resource, keys: conditionKeys(q.context) },
    caller: q.caller as Question['caller'],
    layers: present,
    grants: q.grants as NonNullable<Question['grants']>,
    crossAccount: q.crossAccount,
    ...(q.resourceAccount === undefined ? {} : { resourceAccount: q.resourceAccount }),
  }
}

/** A decision in the words of the reference evaluator. */
export function describe(decision: Decision): string {
  return decision.allowed ? 'allow' : `${decision.reason.kind} ${decision.reason.layer}`
}
