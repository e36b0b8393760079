import { need, type Need } from '../../kernel/access/need.ts'
import type { Call } from '../../kernel/call.ts'
import type { Outcome } from '../../policy/compare/checks.ts'
import { compilePolicy, type CompiledPolicy } from '../../policy/compile.ts'
import { parsePolicy } from '../../policy/parse/parse.ts'
import { errors } from './errors.ts'

/** The permission that an operation of Access Analyzer needs. */
export function needFor(operation: string, { region }: Call): Need {
  return need(`access-analyzer:${operation}`, '*', region)
}

/**
 * Makes a policy ready that shall be checked.
 *
 * @param member where the request has it
 * @throws InvalidParameterException where it cannot be read
 */
export function checkedPolicy(
  text: string,
  type: 'IDENTITY_POLICY' | 'RESOURCE_POLICY' | 'TRUST_POLICY',
  member: string,
): CompiledPolicy {
  const kinds = { IDENTITY_POLICY: ['identity'], RESOURCE_POLICY: ['key', 'trust'], TRUST_POLICY: ['trust'] } as const
  const tried = kinds[type].map((kind) => parsePolicy(text, kind, { allowNotPrincipal: true }))
  const read = tried.find(({ ok }) => ok) ?? tried[0]
  if (read?.ok === true) return compilePolicy(read.policy)
  const [error] = read?.errors ?? []
  throw errors.InvalidParameterException(
    `${member} is no policy of this type: ${error?.message} ${error?.path ?? ''} (line ${error?.line}, column ` +
      `${error?.column}) ${error?.hint ?? ''} ValidatePolicy tells all that is wrong with it.`,
  )
}

/** What a check answers in words. */
interface Words {
  readonly pass: string
  readonly fail: string
  /** Of a statement that is the reason. */
  readonly reason: string
}

/**
 * The answer to a check.
 *
 * @throws UnprocessableEntityException where it cannot be told
 */
export function answerTo(outcome: Outcome, { pass, fail, reason }: Words) {
  if (outcome.result === 'UNKNOWN') {
    throw errors.UnprocessableEntityException(
      'The policies are too large to tell: comparing their patterns takes more steps than are made for one request. ' +
        'Check a part of the statements at a time, or use fewer patterns with wildcards.',
    )
  }
  if (outcome.result === 'PASS') return { result: 'PASS', message: pass }
  const reasons = outcome.statements.map(({ source: { index, sid } }) => ({
    description: `${reason} with ${sid === undefined || sid === '' ? `index: ${index}` : `sid: ${sid}`}.`,
    statementIndex: index,
    ...(sid !== undefined && sid !== '' && { statementId: sid }),
  }))
  return { result: 'FAIL', message: fail, reasons }
}
