import Header from '@cloudscape-design/components/header'
import Popover from '@cloudscape-design/components/popover'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import TextFilter from '@cloudscape-design/components/text-filter'
import Toggle from '@cloudscape-design/components/toggle'
import { useState } from 'react'
import type { KeyMetadata } from '../../api/kms.ts'
import type { Access, WhoCanRow } from '../../api/access.ts'
import { Empty } from '../../parts/empty.tsx'
import { LoadMore } from '../../parts/load-more.tsx'
import { ErrorAlert } from '../../parts/error-alert.tsx'
import { Principal } from '../../parts/principal.tsx'
import { useRegion } from '../../shell/place.ts'
import { words } from '../../words/en.ts'
import { useWhoCan } from './use-access.ts'

const text = words.access.who

/** In pixels: names of actions have no place to break. */
const COLUMN_WIDTH = 24
const LETTER_WIDTH = 8

/** Who may do what with a key: principals by actions, in one Region at a time. */
export function WhoCan({ keyMetadata: key }: { readonly keyMetadata: KeyMetadata }) {
  const [region, setRegion] = useState(useRegion())
  const [filter, setFilter] = useState('')
  const [asked, setAsked] = useState('')
  const [isAll, setAll] = useState(false)
  const { data, error, isPending, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = useWhoCan(
    key.Arn,
    region,
    asked,
  )
  const all = data?.pages.flatMap(({ Rows }) => Rows) ?? []
  const rows = isAll ? all : all.filter(mayAny)
  return (
    <Table<WhoCanRow>
      items={rows}
      trackBy="Principal"
      loading={isPending}
      loadingText={text.loading}
      wrapLines
      stickyColumns={{ first: 1 }}
      columnDefinitions={columnsOf(data?.pages[0]?.Actions ?? [])}
      empty={<Empty title={text.nobody} description={all.length > 0 ? text.hidden(all.length) : text.nobodyText} />}
      header={
        <SpaceBetween size="s">
          <Header
            variant="h2"
            description={text.about}
            actions={<Regions keyMetadata={key} region={region} onChange={setRegion} />}
          >
            {text.title}
          </Header>
          {error !== null && <ErrorAlert error={error} again={() => void refetch()} />}
        </SpaceBetween>
      }
      filter={
        <SpaceBetween direction="horizontal" size="m" alignItems="center">
          <TextFilter
            filteringText={filter}
            filteringPlaceholder={text.find}
            filteringAriaLabel={text.find}
            filteringClearAriaLabel={words.access.clear}
            onChange={({ detail }) => setFilter(detail.filteringText)}
            onDelayedChange={({ detail }) => setAsked(detail.filteringText)}
          />
          <Toggle checked={isAll} onChange={({ detail }) => setAll(detail.checked)}>
            {text.all}
          </Toggle>
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

function columnsOf(actions: readonly string[]): readonly TableProps.ColumnDefinition<WhoCanRow>[] {
  return [
    {
      id: 'principal',
      header: text.principal,
      cell: ({ Principal: name }) => <Principal name={name} />,
      isRowHeader: true,
      minWidth: 150,
      maxWidth: 320,
    },
    ...actions.map((action) => ({
      id: action,
      header: action.replace(/^kms:/, ''),
      minWidth: COLUMN_WIDTH + LETTER_WIDTH * action.length,
      cell: ({ Answers }: WhoCanRow) => <Cell answer={Answers.find(({ Action }) => Action === action)} />,
    })),
  ]
}

interface RegionsProps {
  readonly keyMetadata: KeyMetadata
  readonly region: string
  readonly onChange: (region: string) => void
}

/** The Regions that have the key; nothing where that is one. */
function Regions({ keyMetadata: { MultiRegionConfiguration: family }, region, onChange }: RegionsProps) {
  if (family === undefined) return null
  const options = [family.PrimaryKey, ...family.ReplicaKeys].map(({ Region }) => ({ value: Region, label: Region }))
  return (
    <Select
      ariaLabel={words.header.region}
      selectedOption={{ value: region, label: region }}
      options={options}
      onChange={({ detail }) => onChange(detail.selectedOption.value ?? region)}
    />
  )
}

function mayAny({ Answers }: WhoCanRow): boolean {
  return Answers.some(({ Access: access }) => access === 'yes' || access === 'if')
}

function Cell({ answer }: { readonly answer: Access | undefined }) {
  switch (answer?.Access) {
    case 'yes':
      return <StatusIndicator type="success">{text.yes}</StatusIndicator>
    case 'if':
      return (
        <Popover
          dismissAriaLabel={words.navigation.dismiss}
          header={text.ifTitle}
          content={answer.When}
          size="large"
          triggerType="text"
        >
          <StatusIndicator type="warning">{text.if}</StatusIndicator>
        </Popover>
      )
    case 'no':
      return <StatusIndicator type="stopped">{text.no}</StatusIndicator>
    default:
      return <span title={text.none}>-</span>
  }
}
