import type { PropertyFilterProps } from '@cloudscape-design/components/property-filter'
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
}

const text = words.keys

/** What a key is told and filtered by, as text. */
const FACTS = {
  aliases: ({ aliases }: ListedKey) => aliases.join(', '),
  id: ({ id }: ListedKey) => id,
  state: ({ metadata }: ListedKey) => words.states[metadata.KeyState] ?? metadata.KeyState,
  type: ({ metadata }: ListedKey) =>
    /^(?:SYMMETRIC|HMAC)/.test(metadata.KeySpec) ? words.symmetric : words.asymmetric,
  spec: ({ metadata }: ListedKey) => metadata.KeySpec,
  usage: ({ metadata }: ListedKey) => words.usages[metadata.KeyUsage] ?? metadata.KeyUsage,
  regionality: ({ metadata }: ListedKey) =>
    words.regionality[metadata.MultiRegionConfiguration?.MultiRegionKeyType ?? 'single'],
} as const

type Fact = keyof typeof FACTS

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
    cell: (key) => (name === 'state' ? <KeyState state={key.metadata.KeyState} /> : fact(key) || '-'),
    sortingComparator: (one, other) => compared.compare(fact(one), fact(other)),
    isRowHeader: name === 'id',
  }
}

/** Every column, in the order in which they are shown. */
export const COLUMNS: readonly Column[] = [
  ...NAMES.map(columnOf),
  {
    id: 'created',
    header: text.created,
    cell: ({ metadata }) => new Date(metadata.CreationDate * 1000).toLocaleString(),
    sortingComparator: (one, other) => one.metadata.CreationDate - other.metadata.CreationDate,
  },
]

/** Those that are shown at first. */
export const FIRST_COLUMNS: readonly string[] = ['aliases', 'id', 'state', 'regionality', 'spec', 'usage']

/** What the list is filtered by. The values to choose from are those that there are. */
export const PROPERTIES = NAMES.map((key) => ({
  key,
  propertyLabel: HEADERS[key],
  groupValuesLabel: HEADERS[key],
  operators: [':', '!:', '=', '!='] as PropertyFilterProps.ComparisonOperator[],
}))
