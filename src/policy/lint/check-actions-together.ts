import { type ActionFacts, canHave, conditionKeyOf, hasOwnKey } from '../vocabulary/vocabulary.ts'
import { kindsOf } from './check-resources.ts'
import { checkRoleActions } from './check-role-actions.ts'
import { matchedActions } from './matched-actions.ts'
import { listed, type Notebook } from './notebook.ts'
import type { Clause, LintedStatement, Value } from './statement.ts'

/** An action of a statement, and the known actions that it stands for. */
interface StatedAction {
  readonly value: Value
  readonly facts: readonly ActionFacts[]
}

/** Whether the actions of a statement go with its resources and its conditions. */
export function checkActionsTogether(book: Notebook, statement: LintedStatement): void {
  checkRoleActions(book, statement)
  const { action, clauses, resource } = statement
  if (action === undefined || action.isNegated) return
  const stated = statedActions(action.values)
  // Many names are of one key, such as those of an encryption context.
  const without = new Map<string, readonly StatedAction[]>()
  for (const clause of clauses) checkKey(book, clause, stated, without)
  for (const clause of clauses) if (isTagKey(clause.key)) checkTagKey(book, statement, clause, stated)
  // A key policy has one resource, and an action that does not exist was noted.
  if (book.kind === 'key' || resource === undefined || resource.isNegated) return
  const places = resource.values.map(placeOf)
  checkAliases(book, stated, places)
  for (const each of stated) checkResource(book, each, places)
}

/** The actions of a statement, each once. */
function statedActions(values: readonly Value[]): readonly StatedAction[] {
  const byText = new Map(values.map((value) => [value.text.toLowerCase(), value]))
  return [...byText.values()].map((value) => ({ value, facts: matchedActions(value.text) }))
}

/** A condition on a key that requests for an action never have. */
function checkKey(
  book: Notebook,
  clause: Clause,
  stated: readonly StatedAction[],
  without: Map<string, readonly StatedAction[]>,
): void {
  const key = conditionKeyOf(clause.key)
  if (key === undefined) return
  const lacks = ({ facts }: StatedAction) => facts.length > 0 && !facts.some((action) => canHave(action, clause.key))
  const never = without.get(key.name) ?? stated.filter(lacks)
  without.set(key.name, never)
  if (never.length === 0) return
  const names = listed(never.map(({ value }) => value.text))
  const sentence =
    `The following actions: ${names} are not supported by the condition key ${clause.key}. The condition will not ` +
    'be evaluated for these actions. We recommend that you move these actions to a different statement without ' +
    'this condition key.'
  const spots = [...never.slice(0, 10).map(({ value }) => value), clause]
  book.note('UNSUPPORTED_ACTION_FOR_CONDITION_KEY', sentence, ...spots)
}

function isTagKey(key: string): boolean {
  return /^aws:(?:ResourceTag\/|RequestTag\/|TagKeys$)/i.test(key)
}

/** Every request may have tags, as far as the language goes; requests for many actions never do. */
function checkTagKey(
  book: Notebook,
  { effect }: LintedStatement,
  clause: Clause,
  stated: readonly StatedAction[],
): void {
  const never = stated.filter(({ facts }) => facts.length > 0 && !facts.some((action) => hasOwnKey(action, clause.key)))
  if (never.length === 0 || effect === undefined) return
  const services = [...new Set(never.map(({ facts }) => facts[0]?.action.split(':')[0]))].join(', ')
  const names = listed(never.map(({ value }) => value.text))
  const advice = `We recommend that you move these actions to a different statement without this condition key: ${names}.`
  const spots = [clause, ...never.map(({ value }) => value)]
  if (effect === 'Deny') {
    const sentence =
      `Using the effect Deny with the tag condition key ${clause.key} and actions for services with the following ` +
      `prefixes can be overly permissive: ${services}. Actions for the listed services are not denied by this statement.`
    book.note('DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE', `${sentence} ${advice}`, ...spots)
  } else {
    const sentence =
      `Using the effect Allow with the tag condition key ${clause.key} and actions for services with the following ` +
      `prefixes does not affect the policy: ${services}. Actions for the listed service are not allowed by this statement.`
    book.note('ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE', `${sentence} ${advice}`, ...spots)
  }
}

/** A resource of a statement: its service, and the kinds that it can be of. */
interface Place {
  readonly value: Value
  readonly service: string
  readonly kinds: readonly string[]
}

function placeOf(value: Value): Place {
  const [, , service = '', , , ...rest] = value.text.split(':')
  return { value, service, kinds: kindsOf(service, rest.join(':')) }
}

/** Aliases are only resources of what is done to aliases. */
function checkAliases(book: Notebook, stated: readonly StatedAction[], places: readonly Place[]): void {
  const onKeys = stated.filter(({ facts }) => facts.some(({ on }) => on.includes('key')))
  const isOnAliases = stated.some(({ facts }) => facts.some(({ on }) => on.includes('alias')))
  if (onKeys.length === 0 || isOnAliases) return
  for (const { value, service, kinds } of places) {
    if (service !== 'kms' || kinds.length !== 1 || kinds[0] !== 'alias') continue
    const sentence =
      'Permissions to use a key are asked on the key and never on its alias, so that this ARN matches nothing. Name ' +
      'the key, or add a condition on kms:RequestAlias or kms:ResourceAliases.'
    book.note('ALIAS_ARN_IN_RESOURCE', sentence, value)
  }
}

/** An action none of whose resources is there. */
function checkResource(book: Notebook, { value, facts }: StatedAction, places: readonly Place[]): void {
  if (facts.length === 0 || places.length === 0 || places.some((place) => place.kinds.length === 0)) return
  const kinds = new Set(facts.flatMap(({ on }) => on))
  if (places.some((place) => place.kinds.some((kind) => kinds.has(kind)))) return
  const isAlias = places.every((place) => place.service === 'kms' && place.kinds.every((kind) => kind === 'alias'))
  if (isAlias && kinds.has('key')) return
  const what =
    kinds.size === 0
      ? `${value.text} is on no resource: it is allowed or denied with Resource "*" alone.`
      : `${value.text} is on ${listed([...kinds])}, and no resource of the statement is.`
  const sentence = `The action never meets a resource of this statement, which does nothing to it. ${what}`
  book.note('MISMATCHED_RESOURCE_FOR_ACTION', sentence, value, ...places.map((place) => place.value))
}
