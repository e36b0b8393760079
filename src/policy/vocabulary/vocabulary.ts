import vocabulary from './aws.json' with { type: 'json' }

/** What is known of an action. */
export interface ActionFacts {
  /** `service:Name`, as AWS spells it. */
  readonly action: string
  /** Such as `Write` or `Permissions management`. */
  readonly access: string
  /** The kinds of resources that it can be on; none for `*`. */
  readonly on: readonly string[]
  /** The condition keys that it has besides those of every request; `*` is any name. */
  readonly keys: readonly string[]
}

/** A kind of resource of a service. */
export interface ResourceKind {
  readonly name: string
  /** An ARN with `*` for whatever can stand there. */
  readonly arn: string
}

interface ServiceVocabulary {
  readonly actions: Readonly<Record<string, { access: string; on?: readonly string[]; keys: readonly string[] }>>
  readonly resources: Readonly<Record<string, { arn: string; keys: readonly string[] }>>
  readonly keys: Readonly<Record<string, string>>
}

const SERVICES: ReadonlyMap<string, ServiceVocabulary> = new Map(Object.entries(vocabulary.services))

const ACTIONS: ReadonlyMap<string, ActionFacts> = new Map(
  [...SERVICES].flatMap(([service, { actions, resources }]) =>
    Object.entries(actions).map(([name, { access, on = [], keys }]): [string, ActionFacts] => {
      const ofResources = on.flatMap((kind) => resources[kind]?.keys ?? [])
      const facts = { action: `${service}:${name}`, access, on, keys: [...new Set([...keys, ...ofResources])] }
      return [facts.action.toLowerCase(), facts]
    }),
  ),
)

/** A condition key. */
export interface KeyFacts {
  /** As AWS spells it; `*` is any name. */
  readonly name: string
  /** Of its values: `String`, `Numeric`, `ArrayOfString` and the like. */
  readonly type: string
}

/** The condition keys of every request. */
const GLOBAL_KEYS: readonly KeyFacts[] = keyFacts(vocabulary.globalKeys)

function keyFacts(types: Readonly<Record<string, string>>): readonly KeyFacts[] {
  return Object.entries(types).map(([name, type]) => ({ name, type }))
}

/** Finds a key by its name in any case. */
function keyFinder(keys: readonly KeyFacts[]): (key: string) => KeyFacts | undefined {
  const [patterns, names] = [true, false].map((isPattern) =>
    keys.filter(({ name }) => name.includes('*') === isPattern),
  )
  const exact = new Map(names?.map((facts) => [facts.name.toLowerCase(), facts]))
  return (key) => exact.get(key.toLowerCase()) ?? patterns?.find(({ name }) => isNamed(key, name))
}

const SERVICE_KEYS: ReadonlyMap<string, readonly KeyFacts[]> = new Map(
  [...SERVICES].map(([service, { keys }]) => [service, keyFacts(keys)]),
)

const findGlobalKey = keyFinder(GLOBAL_KEYS)
const findAnyKey = keyFinder([...GLOBAL_KEYS, ...[...SERVICE_KEYS.values()].flat()])

/** The prefix of every service of AWS, whether it is served here or not. */
export const PREFIXES: ReadonlySet<string> = new Set(vocabulary.prefixes)

/** The services that resource control policies bind. */
export const RCP_SERVICES: ReadonlySet<string> = new Set(vocabulary.rcpServices)

/** Whether all actions and condition keys of a service are known here. */
export function isKnownService(prefix: string): boolean {
  return SERVICES.has(prefix.toLowerCase())
}

/** An action by its name in any case; undefined where there is none, or its service is not known here. */
export function actionOf(action: string): ActionFacts | undefined {
  return ACTIONS.get(action.toLowerCase())
}

/** Every action of the services that are known here. */
export function allActions(): readonly ActionFacts[] {
  return [...ACTIONS.values()]
}

/** The kinds of resources of a service. */
export function resourceKinds(prefix: string): readonly ResourceKind[] {
  const { resources = {} } = SERVICES.get(prefix.toLowerCase()) ?? {}
  return Object.entries(resources).map(([name, { arn }]) => ({ name, arn }))
}

/** What is known of a condition key of every request, or of a service that is known here. */
export function conditionKeyOf(key: string): KeyFacts | undefined {
  return findAnyKey(key)
}

/** The condition keys with a prefix: those of every request for `aws`, else those of a service that is known here. */
export function keysWith(prefix: string): readonly KeyFacts[] {
  return prefix.toLowerCase() === 'aws' ? GLOBAL_KEYS : (SERVICE_KEYS.get(prefix.toLowerCase()) ?? [])
}

const ACTION_KEYS = new WeakMap<readonly string[], (key: string) => KeyFacts | undefined>()

/** Whether requests for an action have a condition key, by its name in any case, besides those of every request. */
export function hasOwnKey({ keys }: Pick<ActionFacts, 'keys'>, key: string): boolean {
  const known = ACTION_KEYS.get(keys)
  const find = known ?? keyFinder(keys.map((name) => ({ name, type: '' })))
  if (known === undefined) ACTION_KEYS.set(keys, find)
  return find(key) !== undefined
}

/** Whether requests for an action can have a condition key, by its name in any case. */
export function canHave(facts: Pick<ActionFacts, 'keys'>, key: string): boolean {
  return findGlobalKey(key) !== undefined || hasOwnKey(facts, key)
}

/** Whether a condition key is the one of a name in which `*` is any name. */
export function isNamed(key: string, pattern: string): boolean {
  return isNamedInLowerCase(key.toLowerCase(), pattern.toLowerCase())
}

function isNamedInLowerCase(key: string, pattern: string): boolean {
  const star = pattern.indexOf('*')
  if (star < 0) return key === pattern
  const after = pattern.slice(star + 1)
  return key.length >= star + after.length && key.startsWith(pattern.slice(0, star)) && key.endsWith(after)
}

/** The names of the condition keys that are known here; `*` is any name. */
export function conditionKeyNames(): readonly string[] {
  const own = [...SERVICES.values()].flatMap(({ keys }) => Object.keys(keys))
  return [...new Set([...GLOBAL_KEYS.map(({ name }) => name), ...own])]
}

/** Whether there is a condition key of that name, in any case; those of other services are not known here. */
export function isConditionKey(key: string): boolean {
  const [prefix = ''] = key.toLowerCase().split(':')
  return conditionKeyOf(key) !== undefined || (PREFIXES.has(prefix) && !isKnownService(prefix))
}
