import { nameOf } from '../../policy/remedy/allow-options.ts'
import type { Statement } from '../../policy/parse/document.ts'
import type { PolicySource, Layer } from '../../policy/layers.ts'
import type { Option } from '../../policy/remedy/option.ts'
import type { Step } from '../../policy/remedy/remedies.ts'
import { statementJson } from '../../policy/remedy/statement-json.ts'
import { accountOf } from '../access/condition-keys.ts'
import { isManagedByAws } from '../access/decide.ts'
import type { RemediedPolicy, Remedy } from './explained.ts'
import { namesOf, principalOf, principalsOf } from './facts.ts'
import { asWritten } from './never-here.ts'
import { conditionPhrase, fullName, shortName, type Telling } from './words.ts'

/** What removes a step. */
export function remediesOf(step: Step, telling: Telling): readonly Remedy[] {
  const { reason, options, isHidden, denying } = step
  const { need, caller } = telling
  if (reason.notEnabledIn !== undefined) {
    const command = `aws account enable-region --region-name ${reason.notEnabledIn} --region us-east-1`
    return [{ kind: 'command', text: `Enable it, as account ${caller.account}:`, command }]
  }
  if (reason.notCrossAccount === true) {
    return none(`There is none: ask as a user or role of account ${accountOf(need.on)}.`)
  }
  if (reason.layer === 'resource' && isManagedByAws(need.on)) {
    return none('There is none: AWS manages this key, for its services. Create a key of your own and use that.')
  }
  if (isHidden) return []
  if (options.length > 0) return options.map((option) => remedyOf(option, telling))
  if (denying !== null) return none(`There is none but another ${nameOf(denying.statement.source)}.`)
  if (reason.layer === 'boundary')
    return none(`Give ${shortName(principalOf(caller))} a boundary that is there and allows it.`)
  return none('There is none.')
}

function none(text: string): readonly Remedy[] {
  return [{ kind: 'none', text }]
}

function remedyOf(option: Option, telling: Telling): Remedy {
  switch (option.kind) {
    case 'policy':
      return policyRemedy(option, telling)
    case 'put-again': {
      const principals = principalsOf(telling.need.on)
      const old = [...namesOf(telling.caller)].filter(([name, id]) => (principals[name] ?? id) !== id)
      const names = Object.fromEntries(old.map(([name]) => [principals[name] ?? '', name]))
      const said = Object.entries(names).map(([id, name]) => `${name} where ${id} is shown now`)
      const text = `Put the same text of ${fullName(option.source)} again, with ${said.join(' and ')}, to mean the new one.`
      return { kind: 'put-again', text, policy: policyOf(option.layer, option.source), names }
    }
    case 'request': {
      const { condition, holds } = option
      const { operator, key, values } = condition
      const text = `Ask so that ${conditionPhrase(condition, holds ? 'Allow' : 'Deny', holds)}.`
      return { kind: 'request', text, key, operator: operator.name, values, holds }
    }
    case 'never': {
      const { condition, why } = option
      const key = asWritten(condition.key)
      return { kind: 'none', text: `There is none under the condition on ${key}: ${why}.` }
    }
  }
}

function policyRemedy(
  { change: { layer, source, before, after }, opens }: Extract<Option, { kind: 'policy' }>,
  telling: Telling,
): Remedy {
  return {
    kind: 'policy',
    text:
      before === null
        ? addWords(layer, source, telling)
        : `Let ${nameOf(before)} of ${fullName(source ?? undefined)} be:`,
    policy: policyOf(layer, source),
    change: before === null ? 'add' : 'replace',
    index: after.index,
    statement: statementJson(written(after)),
    ...(opens.length > 0 && { opens: opens.join(', ') }),
  }
}

function addWords(layer: Layer, source: PolicySource | null, { caller }: Telling): string {
  if (layer === 'session') return 'Begin the session again, with this statement in its policy too:'
  if (source === null) return `Give ${shortName(principalOf(caller))} a policy with this statement:`
  const boundary = layer === 'boundary' ? 'the permissions boundary, ' : ''
  return `Add this statement to ${boundary}${fullName(source)}:`
}

function policyOf(layer: Layer, source: PolicySource | null): RemediedPolicy {
  if (source === null) return { layer, name: null }
  const { arn, name, place } = source
  const { policy, ...where } = place ?? { policy: name ?? '' }
  return { layer, name: policy, ...where, ...(arn !== undefined && { arn }) }
}

/** A statement as its policy has it. */
function written(statement: Statement): Statement {
  return {
    ...statement,
    conditions: statement.conditions.map((clause) => ({ ...clause, key: asWritten(clause.key) })),
  }
}
