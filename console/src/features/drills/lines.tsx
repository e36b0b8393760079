import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import { useState } from 'react'
import type { Drill, DrillLine } from '../../api/drills.ts'
import { Empty } from '../../parts/empty.tsx'
import { drillWords } from '../../words/drills.ts'
import { DelayDialog, type Delayed } from './delay-dialog.tsx'
import type { Take } from './drills-page.tsx'
import { LineCell } from './line-cell.tsx'

const text = drillWords.lines

/** Each Region that speaks, against each that hears. */
export function Lines({ drill, take }: { readonly drill: Drill; readonly take: Take }) {
  const [delayed, setDelayed] = useState<Delayed | null>(null)
  const names = drill.Regions.map(({ Region }) => Region)
  const lineOf = (source: string, destination: string): DrillLine | undefined =>
    drill.Lines.find(({ Source, Destination }) => Source === source && Destination === destination)
  return (
    <>
      <Table<string>
        items={names.length > 1 ? names : []}
        trackBy={(name) => name}
        columnDefinitions={[
          { id: 'from', header: text.from, cell: (name) => name, isRowHeader: true },
          ...names.map((to) => ({
            id: to,
            header: to,
            cell: (from: string) => {
              const line = lineOf(from, to)
              return line === undefined ? '' : <LineCell {...{ drill, line, take }} onDelay={setDelayed} />
            },
          })),
        ]}
        empty={<Empty title={text.one} description={text.oneMore} />}
        header={
          <Header
            description={text.about}
            actions={
              take !== null && (
                <SpaceBetween direction="horizontal" size="xs">
                  <Button onClick={() => setDelayed({ regions: [], oneWay: false })}>{text.delayAll}</Button>
                  <Button onClick={() => take({ step: { Action: 'partition' }, told: text.changed })}>
                    {text.cutAll}
                  </Button>
                </SpaceBetween>
              )
            }
          >
            {text.title}
          </Header>
        }
      />
      {delayed !== null && <DelayDialog delayed={delayed} onDone={() => setDelayed(null)} />}
    </>
  )
}
