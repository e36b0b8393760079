import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import TextFilter from '@cloudscape-design/components/text-filter'
import { useEffect, useState } from 'react'
import type { EventAttribute } from '../../api/cloudtrail.ts'
import { Empty } from '../../parts/empty.tsx'
import { LoadMore } from '../../parts/load-more.tsx'
import { ErrorAlert } from '../../parts/error-alert.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Principal } from '../../parts/principal.tsx'
import { words } from '../../words/en.ts'
import { EventRecord } from './event-record.tsx'
import { inOrder, useTimeline, type TimelineEvent } from './use-timeline.ts'

const text = words.audit

interface TimelineProps {
  readonly title: string
  readonly description: string
  readonly variant?: TableProps.Variant
  readonly regions: readonly string[]
  readonly attributeOf: (region: string) => EventAttribute | null
  /** What is shown at first. */
  readonly first?: Kind
}

type Kind = 'all' | 'changes' | 'refused'

/** So many events are looked for by themselves, through so many pages; earlier ones are asked for. */
const ENOUGH = 10
const MOST_PAGES = 10

/** What has happened, by whom, where, and how it ended; each event's record in full. */
export function Timeline({
  title,
  description,
  variant = 'container',
  regions,
  attributeOf,
  first = 'all',
}: TimelineProps) {
  const timeline = useTimeline(regions, attributeOf)
  const { data, error, isPending, isFetching, hasNextPage, fetchNextPage, refetch } = timeline
  const [kind, setKind] = useState<Kind>(first)
  const [search, setSearch] = useState('')
  const [shown, setShown] = useState<TimelineEvent | null>(null)
  const events = inOrder(data?.pages ?? []).filter((event) => isOf(event, kind) && matches(event, search))
  useEnough(events.length, timeline)
  return (
    <>
      <Table<TimelineEvent>
        variant={variant}
        items={events}
        trackBy="id"
        wrapLines
        loading={isPending}
        loadingText={text.loading}
        empty={<Empty title={text.none} description={text.noneText} />}
        columnDefinitions={columnsOf(setShown)}
        filter={<Filter search={search} kind={kind} onSearch={setSearch} onKind={setKind} />}
        header={
          <SpaceBetween size="s">
            <Header
              variant={variant === 'full-page' ? 'awsui-h1-sticky' : 'h2'}
              description={description}
              actions={
                <Button
                  iconName="refresh"
                  ariaLabel={words.keys.reload}
                  loading={isFetching}
                  onClick={() => void refetch()}
                />
              }
            >
              {title}
            </Header>
            {error !== null && <ErrorAlert error={error} again={() => void refetch()} />}
          </SpaceBetween>
        }
        footer={
          hasNextPage && <LoadMore label={text.more} isLoading={isFetching} onMore={() => void fetchNextPage()} />
        }
      />
      {shown !== null && <EventRecord event={shown} onDone={() => setShown(null)} />}
    </>
  )
}

interface FilterProps {
  readonly search: string
  readonly kind: Kind
  readonly onSearch: (search: string) => void
  readonly onKind: (kind: Kind) => void
}

function Filter({ search, kind, onSearch, onKind }: FilterProps) {
  return (
    <SpaceBetween direction="horizontal" size="m">
      <TextFilter
        filteringText={search}
        filteringPlaceholder={text.search}
        filteringAriaLabel={text.search}
        onChange={({ detail }) => onSearch(detail.filteringText)}
      />
      <SegmentedControl
        label={text.kind}
        selectedId={kind}
        options={(['all', 'changes', 'refused'] as const).map((id) => ({ id, text: text.kinds[id] }))}
        onChange={({ detail }) => onKind(detail.selectedId as Kind)}
      />
    </SpaceBetween>
  )
}

/** Asks for earlier events while too few are shown: what is looked for may lie behind much that was only read. */
function useEnough(
  shown: number,
  { data, hasNextPage, isFetching, fetchNextPage }: ReturnType<typeof useTimeline>,
): void {
  const pages = data?.pages.length ?? 0
  useEffect(() => {
    if (shown < ENOUGH && hasNextPage && !isFetching && pages < MOST_PAGES) void fetchNextPage()
  }, [shown, hasNextPage, isFetching, pages, fetchNextPage])
}

function columnsOf(show: (event: TimelineEvent) => void): TableProps.ColumnDefinition<TimelineEvent>[] {
  return [
    { id: 'time', header: text.time, cell: ({ time }) => <Moment seconds={time} isExact />, minWidth: 200 },
    {
      id: 'name',
      header: text.name,
      minWidth: 245,
      cell: (event) => (
        <Button variant="inline-link" ariaLabel={text.show(event.name)} onClick={() => show(event)}>
          {event.name}
        </Button>
      ),
      isRowHeader: true,
    },
    { id: 'region', header: words.header.region, cell: ({ region }) => region, minWidth: 140 },
    { id: 'by', header: text.by, cell: ({ by }) => <Principal name={by} /> },
    {
      id: 'outcome',
      header: text.outcome,
      cell: ({ errorCode }) => (
        <StatusIndicator type={errorCode === null ? 'success' : 'error'}>{errorCode ?? text.done}</StatusIndicator>
      ),
    },
  ]
}

function isOf({ errorCode, readOnly }: TimelineEvent, kind: Kind): boolean {
  if (kind === 'refused') return errorCode !== null
  return kind === 'all' || !readOnly
}

function matches({ name, by, region, errorCode, source }: TimelineEvent, search: string): boolean {
  const wanted = search.trim().toLowerCase()
  return [name, by, region, source, errorCode ?? ''].some((each) => each.toLowerCase().includes(wanted))
}
