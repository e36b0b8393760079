import { useCollection } from '@cloudscape-design/collection-hooks'
import Button from '@cloudscape-design/components/button'
import { useMemo, useState } from 'react'
import { Empty } from '../../parts/empty.tsx'
import { words } from '../../words/en.ts'
import { LISTED, PROPERTIES, withFacts, type Column } from './columns.tsx'
import { FirstRun } from './first-run.tsx'
import { isDescribed, useKeys, withTold, type ListedKey } from './use-keys.ts'
import { useTelling, useTellingAll, useTold } from './use-told.ts'

const NO_FILTER = { tokens: [], operation: 'and' } as const
const text = words.keys

/**
 * The keys that are shown: filtered, in order, a page of them. Those of the page are told; all are, as soon as there is a
 * filter or an order by what the list itself does not tell.
 */
export function useShown(manager: 'CUSTOMER' | 'AWS', pageSize: number | undefined) {
  const listing = useKeys()
  const told = useTold()
  const [isAllWanted, setAllWanted] = useState(false)
  const keys = useMemo(
    () =>
      withTold(listing.data ?? [], told)
        .filter((key) => key.manager === manager)
        .map(withFacts),
    [listing.data, told, manager],
  )
  const { items, collectionProps, propertyFilterProps, paginationProps, filteredItemsCount } = useFiltered(
    keys,
    manager,
    pageSize,
  )
  // As they are now, and not as they were when they were selected.
  const selectedIds = new Set((collectionProps.selectedItems ?? []).map(({ id }) => id))
  const shownError = useTelling([...new Set([...items.map(({ id }) => id), ...selectedIds])])
  const all = useTellingAll(isAllWanted ? keys.map(({ id }) => id) : null)
  const want = (property: string | undefined): void => {
    if (property === undefined || !LISTED.has(property)) setAllWanted(true)
  }
  return {
    table: {
      ...collectionProps,
      items,
      loading: listing.isPending,
      ...(listing.data === undefined && { empty: ' ' }),
      onSortingChange(event: Parameters<NonNullable<typeof collectionProps.onSortingChange>>[0]) {
        want((event.detail.sortingColumn as Partial<Column>).id)
        collectionProps.onSortingChange?.(event)
      },
    },
    filter: {
      ...propertyFilterProps,
      countText: (all.isFetching ? text.matchesSoFar : text.matches)(filteredItemsCount ?? 0),
      filteringStatusType: all.isFetching ? ('loading' as const) : ('finished' as const),
      filteringLoadingText: text.loading,
      onLoadItems({ detail }: { readonly detail: { readonly filteringProperty?: { readonly key: string } } }) {
        if (detail.filteringProperty !== undefined) want(detail.filteringProperty.key)
      },
      onChange(event: Parameters<typeof propertyFilterProps.onChange>[0]) {
        for (const { propertyKey } of event.detail.tokens) want(propertyKey)
        propertyFilterProps.onChange(event)
      },
    },
    pagination: paginationProps,
    header: {
      count: listing.data === undefined ? null : keys.length,
      selected: keys.filter(isDescribed).filter(({ id }) => selectedIds.has(id)),
      error: listing.error ?? shownError ?? all.error,
    },
  }
}

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
