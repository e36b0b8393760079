import type { PropertyFilterProps } from '@cloudscape-design/components/property-filter'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { KeyMetadata } from '../../api/kms.ts'
import { KeyState } from '../../parts/key-state.tsx'
import { words } from '../../words/en.ts'
import type { ListedKey } from './use-keys.ts'

/** A column of the list. */
export interface Column {
  readonly id: string
  readonly header: string
  readonly cell: (key: ListedKey) => React.ReactNode
  readonly sortingField?: string
  readonly sortingComparator?: (one: ListedKey, other: ListedKey) => number
  readonly isRowHeader?: boolean
  readonly maxWidth?: number
}

const text = words.keys

/** What a key is told and filtered by, as text: nothing where it is not told. */
const FACTS = {
  aliases: ({ aliases }: ListedKey) => aliases.join(', '),
  id: ({ id }: ListedKey) => id,
  state: ({ metadata, isHidden }: ListedKey) =>
    metadata === null ? (isHidden ? text.hidden : '') : (words.states[metadata.KeyState] ?? metadata.KeyState),
  regionality: told(
    ({ MultiRegionConfiguration: family }) => words.regionality[family?.MultiRegionKeyType ?? 'single'],
  ),
  type: told(({ KeySpec }) => (/^(?:SYMMETRIC|HMAC)/.test(KeySpec) ? words.symmetric : words.asymmetric)),
  spec: told(({ KeySpec }) => KeySpec),
  usage: told(({ KeyUsage }) => words.usages[KeyUsage] ?? KeyUsage),
} as const

function told(fact: (metadata: KeyMetadata) => string) {
  return ({ metadata }: ListedKey) => (metadata === null ? '' : fact(metadata))
}

type Fact = keyof typeof FACTS

/** Of thousands of keys few change at a time. */
const filterable = new WeakMap<ListedKey, ListedKey>()

/** A key with its facts as members, by which the list is filtered. */
export function withFacts(key: ListedKey): ListedKey {
  const known = filterable.get(key)
  if (known !== undefined) return known
  const { state, regionality, type, spec, usage } = FACTS
  const facts = {
    state: state(key),
    regionality: regionality(key),
    type: type(key),
    spec: spec(key),
    usage: usage(key),
  }
  const made = { ...key, ...facts }
  filterable.set(key, made)
  return made
}

const HEADERS: Readonly<Record<Fact, string>> = {
  aliases: text.alias,
  id: text.keyId,
  state: text.status,
  type: text.type,
  spec: text.spec,
  usage: text.usage,
  regionality: text.regionality,
}

const NAMES = Object.keys(FACTS) as Fact[]
const compared = new Intl.Collator('en', { numeric: true })

function columnOf(name: Fact): Column {
  const fact = FACTS[name]
  return {
    id: name,
    header: HEADERS[name],
    cell: (key) => (name === 'state' ? stateOf(key) : fact(key) || '-'),
    sortingComparator: (one, other) => compared.compare(fact(one), fact(other)),
    isRowHeader: name === 'id',
    // One long alias would push all else out of sight.
    ...(name === 'aliases' && { maxWidth: 260 }),
  }
}

function stateOf({ metadata, isHidden }: ListedKey) {
  if (metadata !== null) return <KeyState state={metadata.KeyState} />
  return isHidden ? (
    <StatusIndicator type="stopped">{text.hidden}</StatusIndicator>
  ) : (
    <StatusIndicator type="loading">{text.comes}</StatusIndicator>
  )
}

const createdOf = ({ metadata }: ListedKey): number => metadata?.CreationDate ?? 0

/** Every column, in the order in which they are shown. */
export const COLUMNS: readonly Column[] = [
  ...NAMES.map(columnOf),
  {
    id: 'created',
    header: text.created,
    cell: ({ metadata }) => (metadata === null ? '-' : new Date(metadata.CreationDate * 1000).toLocaleString()),
    sortingComparator: (one, other) => createdOf(one) - createdOf(other),
  },
]

/** What the list of keys itself tells; all else is told of each key by itself. */
export const LISTED: ReadonlySet<string> = new Set(['aliases', 'id'] satisfies Fact[])

/** Those that are shown at first. */
export const FIRST_COLUMNS: readonly string[] = ['aliases', 'id', 'state', 'regionality', 'type']

/** What the list is filtered by. The values to choose from are those that there are. */
export const PROPERTIES = NAMES.map((key) => ({
  key,
  propertyLabel: HEADERS[key],
  groupValuesLabel: HEADERS[key],
  operators: [':', '!:', '=', '!='] as PropertyFilterProps.ComparisonOperator[],
}))
