import { useCollection } from '@cloudscape-design/collection-hooks'
import Button from '@cloudscape-design/components/button'
import type { CollectionPreferencesProps } from '@cloudscape-design/components/collection-preferences'
import Pagination from '@cloudscape-design/components/pagination'
import PropertyFilter from '@cloudscape-design/components/property-filter'
import Table from '@cloudscape-design/components/table'
import { useState } from 'react'
import { Empty } from '../../parts/empty.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { words } from '../../words/en.ts'
import { COLUMNS, FIRST_COLUMNS, PROPERTIES, type Column } from './columns.tsx'
import { FirstRun } from './first-run.tsx'
import { KeysHeader } from './keys-header.tsx'
import { KeysPreferences } from './keys-preferences.tsx'
import { useKeys, type ListedKey } from './use-keys.ts'

const FIRST_PREFERENCES: CollectionPreferencesProps.Preferences = { pageSize: 20, visibleContent: FIRST_COLUMNS }
const text = words.keys

/** The keys of a Region: those of the customer, or those that AWS's services have made. */
export function KeysPage({ manager }: { readonly manager: 'CUSTOMER' | 'AWS' }) {
  const listing = useKeys()
  const [preferences, setPreferences] = useState(FIRST_PREFERENCES)
  const keys = (listing.data ?? []).filter(({ metadata }) => metadata.KeyManager === manager)
  const { items, collectionProps, propertyFilterProps, paginationProps, actions, filteredItemsCount } = useCollection(
    keys,
    {
      propertyFiltering: {
        filteringProperties: PROPERTIES,
        empty: manager === 'CUSTOMER' ? <FirstRun /> : <Empty title={text.none} description={text.noneText} />,
        noMatch: (
          <Empty
            title={text.noMatch}
            description={text.noMatchText}
            action={<Button onClick={() => actions.setPropertyFiltering(NO_FILTER)}>{text.clear}</Button>}
          />
        ),
      },
      pagination: { pageSize: preferences.pageSize ?? 20 },
      sorting: {},
    },
  )
  const visible = new Set(preferences.visibleContent)
  return (
    <Table<ListedKey>
      {...collectionProps}
      variant="full-page"
      stickyHeader
      items={items}
      trackBy="id"
      loading={listing.isPending}
      loadingText={text.loading}
      columnDefinitions={COLUMNS.map(withLinks)}
      columnDisplay={COLUMNS.map(({ id }) => ({ id, visible: visible.has(id) }))}
      header={<KeysHeader manager={manager} count={keys.length} listing={listing} />}
      filter={
        <PropertyFilter
          {...propertyFilterProps}
          filteringPlaceholder={text.filter}
          filteringAriaLabel={text.filter}
          countText={text.matches(filteredItemsCount ?? 0)}
        />
      }
      pagination={
        <Pagination
          {...paginationProps}
          ariaLabels={{ pageLabel: text.page, nextPageLabel: text.nextPage, previousPageLabel: text.previousPage }}
        />
      }
      preferences={<KeysPreferences preferences={preferences} onConfirm={setPreferences} />}
    />
  )
}

const NO_FILTER = { tokens: [], operation: 'and' } as const

/** Leads from the alias and the id of a key to its page. */
function withLinks(column: Column): Column {
  if (column.id !== 'aliases' && column.id !== 'id') return column
  return { ...column, cell: (key) => <PageLink to={`keys/${key.id}`}>{column.cell(key)}</PageLink> }
}
