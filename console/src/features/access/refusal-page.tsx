import ContentLayout from '@cloudscape-design/components/content-layout'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { ErrorAlert } from '../../parts/error-alert.tsx'
import { Path } from '../../parts/path.tsx'
import { words } from '../../words/en.ts'
import { ExplanationView } from './explanation.tsx'
import { useExplanation } from './use-access.ts'

const text = words.access.refusal

/** Why one request was refused, and what helps. */
export function RefusalPage({ requestId }: { readonly requestId: string }) {
  const { data, error, isPending, refetch } = useExplanation(requestId)
  return (
    <ContentLayout
      header={
        <SpaceBetween size="xs">
          <Path to="access" title={words.access.title} here={requestId} />
          <Header variant="h1" description={text.about(requestId)}>
            {text.title}
          </Header>
        </SpaceBetween>
      }
    >
      {isPending && <StatusIndicator type="loading">{text.loading}</StatusIndicator>}
      {error !== null && <ErrorAlert error={error} again={() => void refetch()} />}
      {data !== undefined && <ExplanationView explanation={data} />}
    </ContentLayout>
  )
}
