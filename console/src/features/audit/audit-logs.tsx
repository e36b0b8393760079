import Box from '@cloudscape-design/components/box'
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import { useQueries } from '@tanstack/react-query'
import { describeAuditLog, type AuditLog } from '../../api/audit-proofs.ts'
import { Empty } from '../../parts/empty.tsx'
import { ErrorAlert } from '../../parts/error-alert.tsx'
import { Moment } from '../../parts/moment.tsx'
import { useSignedIn } from '../../shell/place.ts'
import { words } from '../../words/en.ts'

const text = words.proof

/** What the logs that a timeline is read from have last signed, and who vouches for that. */
export function AuditLogs({ regions }: { readonly regions: readonly string[] }) {
  const { credentials } = useSignedIn()
  const { logs, error, isPending } = useQueries({
    queries: regions.map((region) => ({
      queryKey: ['audit-log', credentials.accessKeyId, region],
      queryFn: () => describeAuditLog({ credentials, region }),
    })),
    combine: (answers) => ({
      logs: answers.flatMap(({ data }) => data ?? []),
      error: answers.find((answer) => answer.error !== null)?.error ?? null,
      isPending: answers.some((answer) => answer.isPending),
    }),
  })
  // What belongs to no Region is told by each of them.
  const places = [...new Map(logs.map((log) => [log.Place, log])).values()]
  return (
    <Table<AuditLog>
      items={places}
      trackBy="Place"
      wrapLines
      loading={isPending}
      loadingText={text.logs}
      empty={<Empty title={text.noLogs} description={text.noLogsText} />}
      columnDefinitions={[
        {
          id: 'place',
          header: text.log,
          cell: ({ Place }) => (Place === 'global' ? text.ofNoRegion : Place),
          isRowHeader: true,
        },
        {
          id: 'records',
          header: text.records,
          cell: ({ Checkpoint }) => Checkpoint?.Records.toLocaleString('en') ?? '-',
        },
        {
          id: 'time',
          header: text.checkpoint,
          cell: ({ Checkpoint }) =>
            Checkpoint === undefined ? text.unsigned : <Moment seconds={Checkpoint.Time} isExact />,
        },
        { id: 'witnesses', header: text.witnesses, cell: (log) => <Witnesses log={log} />, minWidth: 220 },
        {
          id: 'key',
          header: text.key,
          minWidth: 180,
          cell: ({ Key }) => (
            <CopyToClipboard
              variant="inline"
              textToDisplay={Key.split('+')[1] ?? ''}
              textToCopy={Key}
              copyButtonAriaLabel={text.copyKey}
              copySuccessText={words.key.general.copied}
              copyErrorText={words.key.general.notCopied}
            />
          ),
        },
      ]}
      header={
        <SpaceBetween size="s">
          <Header variant="h2" description={text.logsAbout}>
            {text.logs}
          </Header>
          {error !== null && <ErrorAlert error={error} />}
        </SpaceBetween>
      }
    />
  )
}

function Witnesses({ log: { Witnesses: witnesses } }: { readonly log: AuditLog }) {
  if (witnesses.length === 0) return <StatusIndicator type="stopped">{text.nobody}</StatusIndicator>
  return witnesses.map(({ Place, Records }) => (
    <Box key={Place}>
      <StatusIndicator type="success">{text.vouches(Place, Records.toLocaleString('en'))}</StatusIndicator>
    </Box>
  ))
}
