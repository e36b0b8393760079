import { upper } from '../../domain/text/upper.ts'
import { describeCondition } from '../../policy/partial/describe.ts'
import type { Hidden } from '../../policy/explain/explanation.ts'
import { quote } from '../../policy/explain/explanation.ts'
import { LAYER_NAMES, type PolicySource } from '../../policy/layers.ts'
import { nameOf } from '../../policy/remedy/allow-options.ts'
import type { Near } from '../../policy/remedy/misses.ts'
import type { Step } from '../../policy/remedy/remedies.ts'
import type { Condition } from '../../policy/conditions/condition.ts'
import type { ConditionKeys } from '../../policy/context.ts'
import type { Effect } from '../../policy/parse/document.ts'
import { accountOf } from '../access/condition-keys.ts'
import type { Caller } from '../identities/caller.ts'
import type { Need } from '../access/need.ts'
import { asWritten } from './never-here.ts'

const MOST_VALUES = 8

/** What a step is told from. */
export interface Telling {
  readonly need: Need
  readonly caller: Caller
  readonly keys: ConditionKeys
  readonly hidden: Hidden
}

/** Why a step is in the way, in a sentence or two. */
export function causeOf(step: Step, telling: Telling): string {
  const { reason, isHidden, denying, lacking, options } = step
  const { need, caller } = telling
  const owner = accountOf(need.on)
  if (reason.notEnabledIn !== undefined) {
    return `Account ${caller.account} has not enabled ${reason.notEnabledIn}, and no permission counts there until it has.`
  }
  if (reason.notCrossAccount === true) return `${need.action} can never be used from another account than ${owner}.`
  if (isHidden) return hiddenCause(step, caller, owner)
  if (denying !== null) {
    const { statement, source } = denying
    const conditions = statement.conditions.map((each) => conditionWords(each, 'Deny', telling))
    const because = conditions.length === 0 ? '' : `, because ${conditions.join(', and ')}`
    return `Deny ${nameOf(statement.source)} of ${fullName(source)} forbids it${because}.`
  }
  const from = options.find((each) => each.kind === 'policy' && each.from !== undefined)
  if (from?.kind === 'policy' && from.from !== undefined) {
    const { where, statement } = from.from
    return `${upper(nameOf(statement))} of ${where} lets the caller in, and the key policy here does not: policies are not copied.`
  }
  const [closest] = lacking?.near ?? []
  const missing = missingCause(step, telling)
  if (closest === undefined || closest.misses.principal) return missing
  return closest.misses.conditions.length > 0
    ? nearWords(closest, telling)
    : `${missing} ${nearWords(closest, telling)}`
}

function hiddenCause({ reason }: Step, caller: Caller, owner: string | null): string {
  const isResource = reason.layer === 'resource' || reason.layer === 'rcp'
  return isResource
    ? `Account ${owner} does not let it, and what its side says is not shown.`
    : `Account ${caller.account} does not let it, and what its side says is not shown.`
}

function missingCause({ reason, lacking }: Step, { need, caller }: Telling): string {
  const account = accountOf(need.on)
  const isForeign = account !== null && account !== caller.account
  const isKey = typeof need.on !== 'string' && 'record' in need.on
  switch (reason.layer) {
    case 'resource': {
      const policy = isKey ? 'The key policy' : 'The trust policy'
      if (isForeign) return `${policy} of account ${account} lets in neither the caller nor its account.`
      if (caller.type === 'root' || caller.type === 'service') return `${policy} does not name the caller.`
      return `${policy} neither names the caller nor leaves this to the policies of account ${account}.`
    }
    case 'identity': {
      if (isForeign) return `Account ${account} lets the caller in, but no policy of the caller allows it.`
      return account === null
        ? 'No policy of the caller allows it.'
        : `The ${isKey ? 'key' : 'trust'} policy leaves it to the policies of the account, and none of the caller's allows it.`
    }
    case 'boundary':
      return lacking?.sources.length === 0
        ? "The policy of the caller's permissions boundary was deleted, and nothing is allowed without it."
        : `The permissions boundary, ${lacking?.sources[0]?.name ?? ''}, does not allow it.`
    case 'session':
      return 'The policies with which the session was begun do not allow it.'
    case 'scp':
      return `None of the SCPs at ${lacking?.sources[0]?.place?.of ?? 'one level of the organization'} allows it.`
    case 'rcp':
    case 'vpce':
      return `No ${LAYER_NAMES[reason.layer]} allows it.`
  }
}

/** A policy with its ARN, where it has one. */
export function fullName(source: PolicySource | undefined): string {
  if (source === undefined) return 'the policy'
  const { name = 'the policy', arn, place } = source
  return arn === undefined || place?.id !== undefined ? name : `${name} (${arn})`
}

/** Of a user or role whose ARN is told already: `user ada`. */
export function shortName(arn: string): string {
  return arn.replace(/^[^/]*:/, '').replace(/\/(?:.*\/)?/, ' ')
}

/** What a statement that comes close lacks. */
function nearWords(near: Near, telling: Telling): string {
  const { source, statement, misses } = near
  const which = `${upper(nameOf(statement.source))} of ${source.name ?? 'the policy'}`
  const wanted = misses.conditions.flatMap((index) => statement.conditions[index] ?? [])
  if (wanted.length > 0) {
    const name = misses.resource || misses.action ? ' for this as well, and' : ''
    return `${which} would allow it${name} if ${wanted.map((each) => conditionWords(each, 'Allow', telling)).join(', and ')}.`
  }
  if (misses.action) return `${which} is about ${quote(namesIn(statement.source.action?.patterns))}.`
  const patterns = namesIn(statement.source.resource?.patterns)
  const isAlias = patterns.length > 0 && patterns.every((each) => each.includes(':alias/'))
  const hint = isAlias ? ', an alias: permissions to use a key are on the key' : ''
  const isAny = telling.need.on === '*' ? '; this permission is on no resource, and needs "*"' : ''
  return `${which} is about ${quote(patterns)}${hint}${isAny}.`
}

function namesIn(patterns: readonly { readonly value: string }[] = []): readonly string[] {
  return patterns.map(({ value }) => value)
}

/** A condition and what the request has: `kms:EncryptionContext:team is payments (the request has "hr")`. */
function conditionWords(condition: Condition, effect: Effect, { keys, hidden }: Telling): string {
  return `${conditionPhrase(condition, effect, true)} (${foundWords(condition, keys, hidden)})`
}

function foundWords({ lowerCaseKey }: Condition, keys: ConditionKeys, hidden: Hidden): string {
  if (hidden.hasKey(lowerCaseKey)) return 'what there is, is not shown'
  const found = keys.get(lowerCaseKey)
  if (found === undefined || found.length === 0) return 'the request has none'
  return `the request has ${quote(typeof found === 'string' ? [found] : found)}`
}

/** A condition in words, as it is or as its contrary. */
export function conditionPhrase(condition: Condition, effect: Effect, holds: boolean): string {
  const shown = { ...condition, key: asWritten(condition.key) }
  return describeCondition(shown, effect).phrase(!holds, MOST_VALUES)
}
