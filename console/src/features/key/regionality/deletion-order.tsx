import Box from '@cloudscape-design/components/box'
import Header from '@cloudscape-design/components/header'
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import type { DeletionStep, KeyFamily } from '../../../api/family.ts'
import { Moment } from '../../../parts/moment.tsx'
import { family } from '../../../words/family.ts'
import { words } from '../../../words/en.ts'
import { RegionLink } from './region-link.tsx'

const text = family.deletion

/** So many replicas are named. */
const MOST_NAMED = 3

const TYPES: Readonly<Record<DeletionStep['Stage'], StatusIndicatorProps.Type>> = {
  FREE: 'stopped',
  SCHEDULED: 'warning',
  WAITING: 'pending',
  GONE: 'in-progress',
  UNKNOWN: 'warning',
}

interface DeletionOrderProps {
  readonly keyId: string
  readonly family: KeyFamily
}

/** In which order the keys of all Regions are deleted, how far that is, and what blocks it. */
export function DeletionOrder({ keyId, family: { Deletion, Members } }: DeletionOrderProps) {
  return (
    <Table<DeletionStep>
      items={Deletion.toSorted((a, b) => a.Order - b.Order || a.Region.localeCompare(b.Region))}
      trackBy="Region"
      wrapLines
      columnDefinitions={[
        { id: 'order', header: text.order, cell: ({ Order }) => Order },
        {
          id: 'region',
          header: words.header.region,
          cell: ({ Region }) => <RegionLink keyId={keyId} region={Region} members={Members} />,
          minWidth: 150,
          isRowHeader: true,
        },
        {
          id: 'stage',
          header: text.stage,
          cell: ({ Stage }) => (
            <StatusIndicator type={TYPES[Stage]} wrapText={false}>
              {text.stages[Stage]}
            </StatusIndicator>
          ),
          minWidth: 180,
        },
        {
          id: 'asked',
          header: text.asked,
          cell: ({ Since }) => (Since === undefined ? '-' : <Moment seconds={Since} />),
          minWidth: 170,
        },
        { id: 'date', header: text.date, cell: dateOf, minWidth: 170 },
        { id: 'blocked', header: text.blocked, cell: blockedBy, minWidth: 140 },
      ]}
      header={
        <Header variant="h2" description={text.about}>
          {text.title}
        </Header>
      }
    />
  )
}

function dateOf({ DeletionDate, NotBefore }: DeletionStep) {
  if (DeletionDate !== undefined) return <Moment seconds={DeletionDate} />
  if (NotBefore === undefined) return '-'
  return (
    <>
      <Moment seconds={NotBefore} /> <Box variant="small">{text.earliest}</Box>
    </>
  )
}

/** More than a few are counted: they stand above. */
function blockedBy({ PrimaryChanges, After }: DeletionStep): string {
  const replicas = After.length > MOST_NAMED ? [text.replicas(After.length)] : After
  return [...(PrimaryChanges ? [text.moving] : []), ...replicas].join(', ') || '-'
}
