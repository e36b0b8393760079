import { useCollection } from '@cloudscape-design/collection-hooks'
import Button from '@cloudscape-design/components/button'
import type { CollectionPreferencesProps } from '@cloudscape-design/components/collection-preferences'
import Pagination from '@cloudscape-design/components/pagination'
import PropertyFilter from '@cloudscape-design/components/property-filter'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import { lazy, Suspense, useMemo, useState } from 'react'
import { Empty } from '../../parts/empty.tsx'
import type { KeyAction } from '../../parts/key-actions/actions.ts'
import { PageLink } from '../../parts/page-link.tsx'
import { words } from '../../words/en.ts'
import { COLUMNS, FIRST_COLUMNS, PROPERTIES, withFacts, type Column } from './columns.tsx'
import { FirstRun } from './first-run.tsx'
import { KeysHeader } from './keys-header.tsx'
import { KeysPreferences } from './keys-preferences.tsx'
import { isDescribed, useKeys, type DescribedKey, type ListedKey } from './use-keys.ts'

// Few lists are acted on: what it takes is loaded then.
const BulkAction = lazy(async () => ({ default: (await import('./bulk-action.tsx')).BulkAction }))

const FIRST_PREFERENCES: CollectionPreferencesProps.Preferences = { pageSize: 20, visibleContent: FIRST_COLUMNS }
const text = words.keys

/** The keys of a Region: those of the customer, or those that AWS's services have made. */
export function KeysPage({ manager }: { readonly manager: 'CUSTOMER' | 'AWS' }) {
  const listing = useKeys()
  const [preferences, setPreferences] = useState(FIRST_PREFERENCES)
  const [chosen, setChosen] = useState<Chosen | null>(null)
  const keys = useMemo(
    () => (listing.data ?? []).filter((key) => key.manager === manager).map(withFacts),
    [listing.data, manager],
  )
  const { items, collectionProps, propertyFilterProps, paginationProps, filteredItemsCount } = useFiltered(
    keys,
    manager,
    preferences.pageSize,
  )
  // As they are now, and not as they were when they were selected.
  const selectedIds = new Set((collectionProps.selectedItems ?? []).map(({ id }) => id))
  const selected = keys.filter(isDescribed).filter(({ id }) => selectedIds.has(id))
  const visible = new Set(preferences.visibleContent)
  const header = { manager, count: keys.length, selected, listing }
  return (
    <>
      <Table<ListedKey>
        {...collectionProps}
        {...(manager === 'CUSTOMER' && SELECTION)}
        {...(listing.data === undefined && { empty: ' ' })}
        variant="full-page"
        stickyHeader
        items={items}
        trackBy="id"
        loading={listing.isPending}
        loadingText={text.loading}
        columnDefinitions={COLUMNS.map(withLinks)}
        columnDisplay={COLUMNS.map(({ id }) => ({ id, visible: visible.has(id) }))}
        header={<KeysHeader {...header} onAction={(action) => setChosen({ action, keys: selected })} />}
        filter={
          <PropertyFilter
            {...propertyFilterProps}
            filteringPlaceholder={text.filter}
            filteringAriaLabel={text.filter}
            countText={text.matches(filteredItemsCount ?? 0)}
          />
        }
        pagination={<Pagination {...paginationProps} ariaLabels={PAGES} />}
        preferences={<KeysPreferences preferences={preferences} onConfirm={setPreferences} />}
      />
      {chosen !== null && (
        <Suspense>
          <BulkAction {...chosen} onDone={() => setChosen(null)} />
        </Suspense>
      )}
    </>
  )
}

/** What is to be done to keys, and to which: those that were selected then. */
interface Chosen {
  readonly action: KeyAction
  readonly keys: readonly DescribedKey[]
}

const PAGES = { pageLabel: text.page, nextPageLabel: text.nextPage, previousPageLabel: text.previousPage }

const SELECTION: Pick<TableProps<ListedKey>, 'selectionType' | 'ariaLabels' | 'isItemDisabled'> = {
  selectionType: 'multi',
  isItemDisabled: (key) => !isDescribed(key),
  ariaLabels: {
    selectionGroupLabel: text.selection,
    allItemsSelectionLabel: () => text.selectAll,
    itemSelectionLabel: (_selection, { aliases, id }) => text.selected(aliases[0] ?? id),
  },
}

/** The keys that are shown: filtered, in order, a page of them. */
function useFiltered(keys: readonly ListedKey[], manager: 'CUSTOMER' | 'AWS', pageSize = 20) {
  const collection = useCollection(keys, {
    propertyFiltering: {
      filteringProperties: PROPERTIES,
      empty: manager === 'CUSTOMER' ? <FirstRun /> : <Empty title={text.none} description={text.noneText} />,
      noMatch: (
        <Empty
          title={text.noMatch}
          description={text.noMatchText}
          action={<Button onClick={() => collection.actions.setPropertyFiltering(NO_FILTER)}>{text.clear}</Button>}
        />
      ),
    },
    pagination: { pageSize },
    sorting: {},
    selection: { keepSelection: true, trackBy: 'id' },
  })
  return collection
}

const NO_FILTER = { tokens: [], operation: 'and' } as const

/** Leads from the alias and the id of a key to its page. */
function withLinks(column: Column): Column {
  if (column.id !== 'aliases' && column.id !== 'id') return column
  return {
    ...column,
    cell: (key) =>
      column.id === 'aliases' && key.aliases.length === 0 ? (
        '-'
      ) : (
        <PageLink to={`keys/${key.id}`}>{column.cell(key)}</PageLink>
      ),
  }
}
