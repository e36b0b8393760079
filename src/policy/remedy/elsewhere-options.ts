import { matches } from '../evaluate.ts'
import type { Question } from '../layers.ts'
import { Via } from '../principal.ts'
import type { Lacking } from './lacking.ts'
import { behindAll } from './change.ts'
import { freshStatement } from './fresh.ts'
import { alsoOpens } from './opens.ts'
import type { Option, PolicyOption, RemedyFacts } from './option.ts'

/**
 * What lets the caller in elsewhere, for the resource's own policy: as it is where that gives no more than is asked,
 * else first so much of it.
 */
export function elsewhereOptions(
  { layer, resource: source }: Pick<Lacking, 'layer' | 'resource'>,
  question: Question,
  facts: RemedyFacts,
): readonly Option[] {
  const { request, caller } = question
  // Where the decision is left to the caller's account already, that a policy leaves it does not help.
  const counting = layer === 'identity' ? ~Via.Account : ~0
  const letting = facts.elsewhere.flatMap(({ policy, name = '' }) =>
    policy
      .candidates(request.action)
      .allow.filter((statement) => (matches(statement, request, caller) & counting) !== 0)
      .map((statement) => ({ where: name, statement: statement.source })),
  )
  return letting.flatMap((from): readonly Option[] => {
    const place = { layer: 'resource', source, before: null } as const
    const opens = alsoOpens(from.statement, question, facts.principal, ['action', 'principal'])
    const after = { ...from.statement, ...behindAll(source?.policy) }
    const whole: PolicyOption = { kind: 'policy', change: { ...place, after }, opens, from }
    if (opens.length === 0) return [whole]
    const { conditions } = from.statement
    const own = { ...freshStatement('resource', question, facts, source), conditions }
    return [{ kind: 'policy', change: { ...place, after: own }, opens: [], from }, whole]
  })
}
