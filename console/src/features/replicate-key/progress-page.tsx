import Button from '@cloudscape-design/components/button'
import ContentLayout from '@cloudscape-design/components/content-layout'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import { PageLink } from '../../parts/page-link.tsx'
import { useGoTo } from '../../shell/place.ts'
import { words } from '../../words/en.ts'
import type { Progress } from './use-replicas.ts'

const text = words.wizard.replicas

interface ProgressPageProps {
  readonly keyId: string
  readonly progress: Readonly<Record<string, Progress>>
  readonly onAgain: (region: string) => void
  /** Back to the steps, for what was refused. */
  readonly onBack: () => void
}

type Row = Progress & { readonly region: string }

/** Shows how far each replica is. */
export function ProgressPage({ keyId, progress, onAgain, onBack }: ProgressPageProps) {
  const goTo = useGoTo()
  const rows = Object.entries(progress).map(([region, each]) => ({ region, ...each }))
  const isRefused = rows.some(({ stage, refusal }) => stage === 'asking' && refusal !== null)
  return (
    <ContentLayout header={<Header variant="h1">{text.progress}</Header>}>
      <Table<Row>
        items={rows}
        trackBy="region"
        wrapLines
        columnDefinitions={[
          {
            id: 'region',
            header: words.header.region,
            isRowHeader: true,
            minWidth: 150,
            cell: ({ region, stage }) =>
              stage === 'asking' ? (
                region
              ) : (
                <PageLink to={`keys/${keyId}`} region={region}>
                  {region}
                </PageLink>
              ),
          },
          { id: 'state', header: words.keys.status, cell: (row) => <Stage row={row} onAgain={onAgain} /> },
        ]}
        header={
          <Header
            variant="h2"
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                {isRefused && <Button onClick={onBack}>{text.back}</Button>}
                <Button variant="primary" onClick={() => goTo(`keys/${keyId}#regionality`)}>
                  {text.goOn}
                </Button>
              </SpaceBetween>
            }
          >
            {text.title}
          </Header>
        }
      />
    </ContentLayout>
  )
}

function Stage({ row: { region, stage, refusal }, onAgain }: { row: Row; onAgain: (region: string) => void }) {
  if (refusal === null) {
    return <StatusIndicator type={stage === 'there' ? 'success' : 'in-progress'}>{text.stages[stage]}</StatusIndicator>
  }
  return (
    <SpaceBetween size="xs">
      <StatusIndicator type={stage === 'naming' ? 'warning' : 'error'}>{text.refused[stage]}</StatusIndicator>
      <span>
        {refusal.message} ({refusal.code})
      </span>
      <Button ariaLabel={text.againIn(region)} onClick={() => onAgain(region)}>
        {words.errors.again}
      </Button>
    </SpaceBetween>
  )
}
