import { useCollection } from '@cloudscape-design/collection-hooks'
import Header from '@cloudscape-design/components/header'
import Pagination from '@cloudscape-design/components/pagination'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import TextFilter from '@cloudscape-design/components/text-filter'
import type { Person } from '../../api/iam.ts'
import { words } from '../../words/en.ts'
import { Empty } from '../empty.tsx'
import { ErrorAlert } from '../error-alert.tsx'
import { usePeople } from './use-people.ts'

interface PeopleTableProps {
  readonly title: string
  readonly description: string
  /** The ARNs of those who are chosen. */
  readonly chosen: readonly string[]
  readonly onChange: (chosen: readonly string[]) => void
}

const PAGE_SIZE = 10
const text = words.wizard.people

/** Has users and roles of the account chosen. */
export function PeopleTable({ title, description, chosen, onChange }: PeopleTableProps) {
  const { data: people = [], error, isPending, refetch } = usePeople()
  const { items, collectionProps, filterProps, paginationProps, filteredItemsCount } = useCollection(people, {
    filtering: {
      filteringFunction: ({ name, path }, filter) => `${path}${name}`.toLowerCase().includes(filter.toLowerCase()),
      empty: error === null ? <Empty title={text.none} description={text.noneText} /> : text.refused,
      noMatch: <Empty title={words.keys.noMatch} description={text.noMatch} />,
    },
    pagination: { pageSize: PAGE_SIZE },
    sorting: {},
  })
  const listed = new Set(people.map(({ arn }) => arn))
  // Somebody may be chosen who is not listed: of another account, or gone since.
  const others = chosen.filter((arn) => !listed.has(arn))
  return (
    <SpaceBetween size="m">
      {error !== null && <ErrorAlert error={error} again={() => void refetch()} />}
      <Table<Person>
        {...collectionProps}
        items={items}
        trackBy="arn"
        wrapLines
        loading={isPending}
        loadingText={text.loading}
        selectionType="multi"
        selectedItems={people.filter(({ arn }) => chosen.includes(arn))}
        onSelectionChange={({ detail }) => onChange([...others, ...detail.selectedItems.map(({ arn }) => arn)])}
        ariaLabels={{
          selectionGroupLabel: title,
          allItemsSelectionLabel: () => text.all,
          itemSelectionLabel: (_selection, { name }) => name,
        }}
        columnDefinitions={[
          { id: 'name', header: text.name, cell: ({ name }) => name, sortingField: 'name', isRowHeader: true },
          { id: 'path', header: text.path, cell: ({ path }) => path, sortingField: 'path' },
          { id: 'kind', header: text.type, minWidth: 100, cell: ({ kind }) => text.kinds[kind], sortingField: 'kind' },
        ]}
        header={
          <Header variant="h2" counter={`(${chosen.length}/${people.length})`} description={description}>
            {title}
          </Header>
        }
        filter={
          <TextFilter
            {...filterProps}
            filteringPlaceholder={text.filter}
            filteringAriaLabel={text.filter}
            filteringClearAriaLabel={words.keys.clear}
            countText={words.keys.matches(filteredItemsCount ?? 0)}
          />
        }
        pagination={
          <Pagination
            {...paginationProps}
            ariaLabels={{
              pageLabel: words.keys.page,
              nextPageLabel: words.keys.nextPage,
              previousPageLabel: words.keys.previousPage,
            }}
          />
        }
      />
    </SpaceBetween>
  )
}
