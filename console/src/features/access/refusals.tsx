import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import type { Refusal } from '../../api/access.ts'
import { Empty } from '../../parts/empty.tsx'
import { LoadMore } from '../../parts/load-more.tsx'
import { ErrorAlert } from '../../parts/error-alert.tsx'
import { Moment } from '../../parts/moment.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { Principal } from '../../parts/principal.tsx'
import { words } from '../../words/en.ts'
import { useRefusals } from './use-access.ts'

const text = words.access.refusals

const COLUMNS: readonly TableProps.ColumnDefinition<Refusal>[] = [
  {
    id: 'operation',
    header: text.operation,
    cell: ({ Operation, RequestId }) => <PageLink to={`access/${RequestId}`}>{Operation}</PageLink>,
    isRowHeader: true,
  },
  { id: 'caller', header: text.caller, cell: ({ Caller }) => <Principal name={Caller} /> },
  { id: 'time', header: text.time, minWidth: 200, cell: ({ Time }) => <Moment seconds={Time} /> },
  { id: 'code', header: text.code, cell: ({ Code }) => Code ?? text.passed },
]

const OF_RESOURCE: TableProps.ColumnDefinition<Refusal> = {
  id: 'resource',
  header: text.resource,
  minWidth: 220,
  cell: ({ Resource }) =>
    Resource === undefined ? (
      '-'
    ) : (
      <span className="name" title={Resource}>
        {Resource.replace(/^arn:[^/]*:/, '')}
      </span>
    ),
}

/** What was refused of late: of a key, or of all that the account may know of. Each leads to why. */
export function Refusals({ keyArn }: { readonly keyArn?: string }) {
  const { data, error, isPending, isFetching, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } =
    useRefusals(keyArn)
  const reload = (): void => void refetch()
  return (
    <Table<Refusal>
      items={data?.pages.flatMap((page) => page.Refusals) ?? []}
      trackBy="RequestId"
      loading={isPending}
      loadingText={text.loading}
      wrapLines
      columnDefinitions={keyArn === undefined ? [...COLUMNS, OF_RESOURCE] : COLUMNS}
      empty={<Empty title={text.none} description={text.noneText} />}
      header={
        <SpaceBetween size="s">
          <Header
            variant="h2"
            description={text.about}
            actions={<Button iconName="refresh" ariaLabel={words.keys.reload} loading={isFetching} onClick={reload} />}
          >
            {text.title}
          </Header>
          {error !== null && <ErrorAlert error={error} again={reload} />}
        </SpaceBetween>
      }
      footer={
        hasNextPage && (
          <LoadMore label={words.access.more} isLoading={isFetchingNextPage} onMore={() => void fetchNextPage()} />
        )
      }
    />
  )
}
