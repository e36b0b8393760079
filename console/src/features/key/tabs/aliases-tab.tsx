import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import { useState } from 'react'
import type { Alias, KeyMetadata } from '../../../api/kms.ts'
import { Empty } from '../../../parts/empty.tsx'
import { ErrorAlert } from '../../../parts/error-alert.tsx'
import { More } from '../../../parts/more.tsx'
import { words } from '../../../words/en.ts'
import { useKeyList } from '../use-key.ts'
import { CreateAlias, DeleteAlias, MoveAlias } from './alias-dialogs.tsx'

const text = words.key.aliases

/** What is asked for: another key for a name, or its end. */
interface Asked {
  readonly what: 'move' | 'delete'
  readonly alias: Alias
}

/** The names of a key in this Region. */
export function AliasesTab({ keyMetadata: { KeyId, KeyManager } }: { readonly keyMetadata: KeyMetadata }) {
  const listing = useKeyList('ListAliases', KeyId)
  const [isAdding, setAdding] = useState(false)
  const [asked, setAsked] = useState<Asked | null>(null)
  const isOurs = KeyManager === 'CUSTOMER'
  const onDone = (): void => setAsked(null)
  if (listing.error !== null) return <ErrorAlert error={listing.error} />
  return (
    <>
      <Table<Alias>
        items={listing.items}
        loading={listing.isPending}
        loadingText={text.title}
        trackBy="AliasName"
        empty={<Empty title={text.none} description={text.noneText} />}
        columnDefinitions={isOurs ? [...COLUMNS, actions(setAsked)] : COLUMNS}
        footer={<More listing={listing} />}
        header={
          <Header
            counter={listing.counter}
            actions={isOurs && <Button onClick={() => setAdding(true)}>{text.create}</Button>}
          >
            {text.title}
          </Header>
        }
      />
      {isAdding && <CreateAlias keyId={KeyId} onDone={() => setAdding(false)} />}
      {asked?.what === 'move' && <MoveAlias alias={asked.alias} onDone={onDone} />}
      {asked?.what === 'delete' && <DeleteAlias alias={asked.alias} onDone={onDone} />}
    </>
  )
}

const COLUMNS: readonly TableProps.ColumnDefinition<Alias>[] = [
  { id: 'name', header: text.name, cell: ({ AliasName }) => AliasName, isRowHeader: true },
  { id: 'arn', header: text.arn, cell: ({ AliasArn }) => AliasArn },
]

function actions(onAsk: (asked: Asked) => void): TableProps.ColumnDefinition<Alias> {
  return {
    id: 'actions',
    header: words.key.material.actions,
    cell: (alias) => (
      <SpaceBetween direction="horizontal" size="xs">
        <Button
          variant="inline-icon"
          iconName="edit"
          ariaLabel={text.moveOne(alias.AliasName)}
          onClick={() => onAsk({ what: 'move', alias })}
        />
        <Button
          variant="inline-icon"
          iconName="remove"
          ariaLabel={text.deleteOne(alias.AliasName)}
          onClick={() => onAsk({ what: 'delete', alias })}
        />
      </SpaceBetween>
    ),
  }
}
