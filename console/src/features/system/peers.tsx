import Header from '@cloudscape-design/components/header'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import type { SystemPeer } from '../../api/keyspan.ts'
import { Moment } from '../../parts/moment.tsx'
import { words } from '../../words/en.ts'

const text = words.system

/** The Regions of other servers, and whether they are heard. */
export function Peers({ peers }: { readonly peers: readonly SystemPeer[] }) {
  return (
    <Table<SystemPeer>
      items={peers}
      trackBy="Region"
      wrapLines
      columnDefinitions={[
        { id: 'region', header: words.header.region, cell: ({ Region }) => Region, isRowHeader: true },
        { id: 'state', header: text.state, cell: (peer) => <PeerState peer={peer} /> },
        {
          id: 'heard',
          header: text.heard,
          cell: ({ HeardTime }) => (HeardTime === undefined ? '-' : <Moment seconds={HeardTime} />),
        },
      ]}
      header={
        <Header counter={`(${peers.length})`} description={text.peersAbout}>
          {text.peers}
        </Header>
      }
    />
  )
}

function PeerState({ peer: { Trusted, Trouble } }: { readonly peer: SystemPeer }) {
  if (!Trusted) return <StatusIndicator type="warning">{text.untrusted}</StatusIndicator>
  if (Trouble !== undefined) return <StatusIndicator type="error">{Trouble}</StatusIndicator>
  return <StatusIndicator type="success">{text.reached}</StatusIndicator>
}
