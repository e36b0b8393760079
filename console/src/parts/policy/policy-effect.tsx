import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import { useInfiniteQuery } from '@tanstack/react-query'
import { keyspan, type Difference, type RefusedCalls } from '../../api/access.ts'
import { useAsking } from '../../shell/place.ts'
import { words } from '../../words/en.ts'
import { ErrorAlert } from '../error-alert.tsx'
import { Moment } from '../moment.tsx'
import { Principal } from '../principal.tsx'

const text = words.policyEffect
const TYPES: Readonly<Record<Difference['Change'], StatusIndicatorProps.Type>> = {
  gains: 'success',
  loses: 'error',
  changes: 'warning',
}

interface PolicyEffectProps {
  readonly keyArn: string
  readonly policy: string
}

/** What a policy would change before a key has it: who gains, who loses, and which recorded calls it would have refused. */
export function PolicyEffect({ keyArn, policy }: PolicyEffectProps) {
  const asking = useAsking()
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['key', asking.credentials.accessKeyId, 'ComparePolicy', keyArn, policy],
    queryFn: ({ pageParam: NextToken }) =>
      keyspan(asking, 'ComparePolicy', { KeyId: keyArn, Policy: policy, NextToken }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ NextToken }) => NextToken,
    gcTime: 0,
  })
  if (error !== null) return <ErrorAlert error={error} />
  if (isPending) return <StatusIndicator type="loading">{text.loading}</StatusIndicator>
  const differences = data.pages.flatMap((page) => page.Differences)
  const recorded = data.pages[0]?.RecordedCalls
  return (
    <SpaceBetween size="m">
      <Box variant="h3">{text.title}</Box>
      {differences.length === 0 && !hasNextPage && <Alert type="info">{text.nothing}</Alert>}
      {differences.length > 0 && <Differences differences={differences} />}
      {hasNextPage && (
        <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {words.access.more}
        </Button>
      )}
      {recorded === undefined ? (
        <Alert type="info">{text.notIndexed}</Alert>
      ) : (
        <Recorded refused={recorded.Refused} calls={recorded.Calls} unclear={recorded.Unclear} />
      )}
    </SpaceBetween>
  )
}

function Differences({ differences }: { readonly differences: readonly Difference[] }) {
  return (
    <Table<Difference>
      variant="embedded"
      items={differences}
      wrapLines
      columnDefinitions={[
        {
          id: 'who',
          header: words.access.who.principal,
          cell: ({ Principal: name }) => <Principal name={name} />,
          isRowHeader: true,
        },
        {
          id: 'change',
          header: text.change,
          minWidth: 110,
          cell: ({ Change }) => <StatusIndicator type={TYPES[Change]}>{text.changes[Change]}</StatusIndicator>,
        },
        { id: 'action', header: text.action, cell: ({ Action }) => Action },
        { id: 'before', header: text.before, cell: ({ Before }) => Before.When },
        { id: 'after', header: text.after, cell: ({ After }) => After.When },
      ]}
    />
  )
}

interface RecordedProps {
  readonly refused: readonly RefusedCalls[]
  readonly calls: number
  readonly unclear: number
}

function Recorded({ refused, calls, unclear }: RecordedProps) {
  const count = refused.reduce((sum, { Calls }) => sum + Calls, 0)
  if (count === 0) return <StatusIndicator type="success">{text.noneRefused(calls, unclear)}</StatusIndicator>
  return (
    <Alert type="warning" header={text.wouldRefuse(count, calls)}>
      <ul>
        {refused.map(({ Principal: name, Action, Calls, Last }) => (
          <li key={`${name} ${Action} ${Last}`}>
            {text.refusedCalls(name, Action, Calls)} <Moment seconds={Last} />
          </li>
        ))}
      </ul>
    </Alert>
  )
}
