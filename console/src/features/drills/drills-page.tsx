import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import ContentLayout from '@cloudscape-design/components/content-layout'
import Grid from '@cloudscape-design/components/grid'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { Drill } from '../../api/drills.ts'
import { ErrorAlert } from '../../parts/error-alert.tsx'
import { drillWords as text } from '../../words/drills.ts'
import { Clock } from './clock.tsx'
import { Family } from './family.tsx'
import { Lines } from './lines.tsx'
import { Picture } from './picture.tsx'
import { Regions } from './regions.tsx'
import { useDrill, useDrillStep, type ToldStep } from './use-drill.ts'

/** What is done to Regions, and beside it what becomes of keys. */
export function DrillsPage() {
  const { data: drill, error, refetch } = useDrill()
  const { mutate, error: refusal, isPending } = useDrillStep()
  const end = { step: { Action: 'heal' as const }, told: text.ended }
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={text.about}
          actions={
            <Button
              loading={isPending}
              disabled={drill === undefined || drill.Faults.length === 0}
              onClick={() => mutate(end)}
            >
              {text.end}
            </Button>
          }
        >
          {text.title}
        </Header>
      }
    >
      <SpaceBetween size="l">
        {error !== null && <ErrorAlert error={error} again={() => void refetch()} />}
        {refusal !== null && <ErrorAlert error={refusal} />}
        {drill !== undefined && !drill.Development && <HowTo />}
        {drill !== undefined && <Stage drill={drill} take={drill.Development ? mutate : null} />}
      </SpaceBetween>
    </ContentLayout>
  )
}

/** What can be done; null where nothing can. */
export type Take = ((told: ToldStep) => void) | null

function Stage({ drill, take }: { readonly drill: Drill; readonly take: Take }) {
  return (
    <Grid gridDefinition={[{ colspan: { default: 12, xs: 7 } }, { colspan: { default: 12, xs: 5 } }]}>
      <SpaceBetween size="l">
        <Picture drill={drill} />
        <Lines drill={drill} take={take} />
        <Regions drill={drill} take={take} />
      </SpaceBetween>
      <SpaceBetween size="l">
        <Family drill={drill} />
        {take !== null && <Clock time={drill.Time} take={take} />}
      </SpaceBetween>
    </Grid>
  )
}

function HowTo() {
  return (
    <Alert type="info" header={text.notHere}>
      {text.how} <Box variant="code">{text.command}</Box>. {text.howMore}
    </Alert>
  )
}
