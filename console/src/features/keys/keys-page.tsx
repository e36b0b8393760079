import type { CollectionPreferencesProps } from '@cloudscape-design/components/collection-preferences'
import Pagination from '@cloudscape-design/components/pagination'
import PropertyFilter from '@cloudscape-design/components/property-filter'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import { lazy, Suspense, useState } from 'react'
import type { KeyAction } from '../../parts/key-actions/actions.ts'
import { PageLink } from '../../parts/page-link.tsx'
import { words } from '../../words/en.ts'
import { COLUMNS, FIRST_COLUMNS, type Column } from './columns.tsx'
import { KeysHeader } from './keys-header.tsx'
import { KeysPreferences } from './keys-preferences.tsx'
import { isDescribed, type DescribedKey, type ListedKey } from './use-keys.ts'
import { useShown } from './use-shown.tsx'

// Few lists are acted on: what it takes is loaded then.
const BulkAction = lazy(async () => ({ default: (await import('./bulk-action.tsx')).BulkAction }))

const FIRST_PREFERENCES: CollectionPreferencesProps.Preferences = { pageSize: 20, visibleContent: FIRST_COLUMNS }
const text = words.keys

/** The keys of a Region: those of the customer, or those that AWS's services have made. */
export function KeysPage({ manager }: { readonly manager: 'CUSTOMER' | 'AWS' }) {
  const [preferences, setPreferences] = useState(FIRST_PREFERENCES)
  const [chosen, setChosen] = useState<Chosen | null>(null)
  const { table, filter, pagination, header } = useShown(manager, preferences.pageSize)
  const act = (action: KeyAction): void => setChosen({ action, keys: header.selected })
  const visible = new Set(preferences.visibleContent)
  return (
    <>
      <Table<ListedKey>
        {...table}
        {...(manager === 'CUSTOMER' && SELECTION)}
        variant="full-page"
        stickyHeader
        trackBy="id"
        loadingText={text.loading}
        columnDefinitions={COLUMNS.map(withLinks)}
        columnDisplay={COLUMNS.map(({ id }) => ({ id, visible: visible.has(id) }))}
        header={<KeysHeader {...header} manager={manager} onAction={act} />}
        filter={<PropertyFilter {...filter} filteringPlaceholder={text.filter} filteringAriaLabel={text.filter} />}
        pagination={<Pagination {...pagination} ariaLabels={PAGES} />}
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
