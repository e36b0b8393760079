import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import ContentLayout from '@cloudscape-design/components/content-layout'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import ProgressBar from '@cloudscape-design/components/progress-bar'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { SystemDescription } from '../../api/keyspan.ts'
import { ErrorAlert } from '../../parts/error-alert.tsx'
import { byteSize } from '../../../../src/domain/text/byte-size.ts'
import { useSystem } from '../../parts/use-system.ts'
import { words } from '../../words/en.ts'
import { Peers } from './peers.tsx'
import { Places } from './places.tsx'

const text = words.system

/** How the server is. */
export function SystemPage() {
  const { data, error, isFetching, refetch } = useSystem()
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          actions={
            <Button
              iconName="refresh"
              ariaLabel={words.keys.reload}
              loading={isFetching}
              onClick={() => void refetch()}
            />
          }
        >
          {text.title}
        </Header>
      }
    >
      <SpaceBetween size="l">
        {error !== null && <ErrorAlert error={error} again={() => void refetch()} />}
        {data !== undefined && <Summary description={data} />}
        {data?.System !== undefined && <Places places={data.System.Places} />}
        {data?.System !== undefined && data.System.Peers.length > 0 && <Peers peers={data.System.Peers} />}
        {data !== undefined && data.System === undefined && <Alert type="info">{text.operatorOnly}</Alert>}
      </SpaceBetween>
    </ContentLayout>
  )
}

function Summary({ description: { Version, Regions, System } }: { readonly description: SystemDescription }) {
  return (
    <SpaceBetween size="l">
      {(System?.Notices ?? []).map((notice) => (
        <Alert key={notice} type="warning">
          {notice}
        </Alert>
      ))}
      <Container header={<Header variant="h2">{text.server}</Header>}>
        <KeyValuePairs
          minColumnWidth={190}
          columns={3}
          items={[
            { label: text.version, value: Version },
            { label: text.regions, value: String(Regions.length) },
            ...(System === undefined
              ? []
              : [
                  { label: text.health, value: <Health isHealthy={System.Healthy} /> },
                  { label: text.rootKey, value: text.rootKeys[System.RootKeyProvider] ?? System.RootKeyProvider },
                  { label: text.accounts, value: accountsOf(System.Home) },
                  { label: text.node, value: System.NodeVersion },
                  { label: text.mode, value: System.Development ? text.development : text.production },
                  { label: text.disk, value: <Disk {...System} /> },
                ]),
          ]}
        />
      </Container>
    </SpaceBetween>
  )
}

function Health({ isHealthy }: { readonly isHealthy: boolean }) {
  return <StatusIndicator type={isHealthy ? 'success' : 'error'}>{isHealthy ? text.healthy : text.ill}</StatusIndicator>
}

function accountsOf(home: NonNullable<SystemDescription['System']>['Home']): string {
  return home === undefined ? text.ownAccounts : text.copiedAccounts(home.Region)
}

interface DiskProps {
  readonly DiskFreeBytes: number
  readonly DiskSizeBytes: number
}

function Disk({ DiskFreeBytes: free, DiskSizeBytes: size }: DiskProps) {
  return (
    <ProgressBar
      ariaLabel={text.disk}
      value={(100 * (size - free)) / size}
      additionalInfo={text.diskFree(byteSize(free), byteSize(size))}
    />
  )
}
