import { authorize as decide, type Decision, type Question } from '../policy/authorize.ts'
import { frame, type Authority } from './access/decide.ts'
import { WireError } from './errors.ts'
import type { Operation } from './operation.ts'
import type { Need } from './access/need.ts'
import type { Call } from './call.ts'
import { parseInput } from './parse.ts'

/** One of the permissions that a request needs, and whether its caller has it. */
export interface Leg {
  readonly need: Need
  readonly question: Question
  readonly decision: Decision
}

/** What would become of a request, as far as permissions go. */
export interface Consultation {
  /** Every permission that it needs; none where it does not get that far. */
  readonly legs: readonly Leg[]
  /** Why it would be refused before its permissions are asked: what it names is not there, for example. */
  readonly refusal: WireError | null
}

/** What a consultation is made with. */
interface ConsultSources {
  /** Of where the operation runs. */
  readonly reads: unknown
  readonly authority: Authority
  /** Condition keys that the request has besides. */
  readonly more: Need['context']
}

/**
 * Takes a request as far as its permissions, by the very steps that doing it takes, and does nothing.
 */
export async function consult(
  operation: Operation,
  body: Readonly<Record<string, unknown>>,
  call: Call,
  { reads, authority, more }: ConsultSources,
): Promise<Consultation> {
  try {
    const input: unknown = parseInput(operation.input, body)
    const found: unknown = await operation.load(input, call, reads)
    const legs: Leg[] = []
    for (const asked of operation.requires(input, found, call)) {
      const need = { ...asked, context: { ...asked.context, ...more } }
      const question = await frame(need, call, authority)
      legs.push({ need, question, decision: decide(question) })
    }
    // What is told only to those who have these permissions.
    const isAllowed = legs.every(({ decision }) => decision.allowed)
    return { legs, refusal: isAllowed ? (operation.deferred?.(found) ?? null) : null }
  } catch (error) {
    if (error instanceof WireError) return { legs: [], refusal: error }
    throw error
  }
}
