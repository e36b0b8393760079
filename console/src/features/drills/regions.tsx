import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import type { Drill } from '../../api/drills.ts'
import { drillWords } from '../../words/drills.ts'
import { words } from '../../words/en.ts'
import type { Take } from './drills-page.tsx'

const text = drillWords.regions

/** The Regions that are in use, up or down. */
export function Regions({ drill, take }: { readonly drill: Drill; readonly take: Take }) {
  return (
    <Table<Drill['Regions'][number]>
      items={drill.Regions}
      trackBy="Region"
      columnDefinitions={[
        { id: 'region', header: words.header.region, cell: ({ Region }) => Region, isRowHeader: true },
        {
          id: 'state',
          header: text.state,
          cell: ({ Down }) => (
            <StatusIndicator type={Down ? 'error' : 'success'}>{Down ? text.down : text.up}</StatusIndicator>
          ),
        },
        ...(take === null
          ? []
          : [
              {
                id: 'action',
                header: text.action,
                cell: ({ Region, Down }: Drill['Regions'][number]) => (
                  <Button
                    variant="inline-link"
                    ariaLabel={Down ? text.bringUpOf(Region) : text.takeDownOf(Region)}
                    onClick={() =>
                      take({
                        step: { Action: Down ? 'up' : 'down', Regions: [Region] },
                        told: Down ? text.isUp(Region) : text.isDown(Region),
                      })
                    }
                  >
                    {Down ? text.bringUp : text.takeDown}
                  </Button>
                ),
              },
            ]),
      ]}
      header={
        <Header counter={`(${drill.Regions.length})`} description={text.about}>
          {text.title}
        </Header>
      }
    />
  )
}
