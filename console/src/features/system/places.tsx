import Header from '@cloudscape-design/components/header'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import type { SystemPlace } from '../../api/keyspan.ts'
import { Moment } from '../../parts/moment.tsx'
import { byteSize } from '../../../../src/domain/text/byte-size.ts'
import { words } from '../../words/en.ts'

const text = words.system

/** The stores of the Regions that are in use, and how far their audit logs are vouched for. */
export function Places({ places }: { readonly places: readonly SystemPlace[] }) {
  return (
    <Table<SystemPlace>
      items={places}
      trackBy="Place"
      columnDefinitions={[
        { id: 'place', header: words.header.region, cell: ({ Place }) => Place, isRowHeader: true },
        { id: 'store', header: text.store, cell: ({ StoreBytes }) => byteSize(StoreBytes) },
        {
          id: 'checkpoint',
          header: text.checkpoint,
          cell: ({ CheckpointTime }) =>
            CheckpointTime === undefined ? '-' : <Moment seconds={CheckpointTime} isExact />,
        },
        {
          id: 'witnesses',
          header: text.witnesses,
          cell: ({ Witnesses }) => (
            <StatusIndicator type={Witnesses === 0 ? 'stopped' : 'success'}>{text.vouching(Witnesses)}</StatusIndicator>
          ),
        },
        {
          id: 'unheard',
          header: text.unheard,
          cell: ({ Unheard, UnheardSince }) =>
            UnheardSince === undefined ? (
              <StatusIndicator type="success">{text.heardAll}</StatusIndicator>
            ) : (
              <StatusIndicator type="in-progress">
                {text.messages(Unheard)}, <Moment seconds={UnheardSince} />
              </StatusIndicator>
            ),
        },
      ]}
      header={
        <Header counter={`(${places.length})`} description={text.placesAbout}>
          {text.places}
        </Header>
      }
    />
  )
}
