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

/** The condition keys of every request. */
export const GLOBAL_KEYS: readonly string[] = vocabulary.globalKeys

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

/** The condition keys of a service, `*` for any name, and the type of each. */
export function keysOfService(prefix: string): ReadonlyMap<string, string> {
  return new Map(Object.entries(SERVICES.get(prefix.toLowerCase())?.keys ?? {}))
}

/** Whether requests for an action can have a condition key, by its name in any case. */
export function canHave({ keys }: Pick<ActionFacts, 'keys'>, key: string): boolean {
  return [...keys, ...GLOBAL_KEYS].some((pattern) => isNamed(key, pattern))
}

/** Whether a condition key is the one of a name in which `*` is any name at the end. */
export function isNamed(key: string, pattern: string): boolean {
  const [lower, expected] = [key.toLowerCase(), pattern.toLowerCase()]
  return expected.endsWith('*') ? lower.startsWith(expected.slice(0, -1)) : lower === expected
}

/** Of some names, the one that comes nearest to what was written; undefined where none is near. */
export function nearest(written: string, names: Iterable<string>): string | undefined {
  const text = written.toLowerCase()
  let best: string | undefined
  // More than a third of the letters wrong is another word.
  let least = Math.floor(text.length / 3) + 1
  for (const name of names) {
    const distance = editDistance(text, name.toLowerCase(), least)
    if (distance < least) [best, least] = [name, distance]
  }
  return best
}

/** How many letters must be put in, taken out or changed (Levenshtein); `limit` where it is so many or more. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j += 1) {
      const changed = (row[j] ?? 0) + Number(a[i] !== b[j])
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return Math.min(row[b.length] ?? limit, limit)
}
