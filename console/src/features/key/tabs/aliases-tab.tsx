import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import Table from '@cloudscape-design/components/table'
import { useState } from 'react'
import type { Alias, KeyMetadata } from '../../../api/kms.ts'
import { Empty } from '../../../parts/empty.tsx'
import { words } from '../../../words/en.ts'
import { ConfirmChange } from '../confirm-change.tsx'
import { useKeyRead } from '../use-key.ts'

const text = words.key.aliases

/** The names of a key in this Region. */
export function AliasesTab({ keyMetadata: { KeyId, KeyManager } }: { readonly keyMetadata: KeyMetadata }) {
  const { data, isPending } = useKeyRead('ListAliases', KeyId)
  const [isAdding, setAdding] = useState(false)
  const [deleted, setDeleted] = useState<Alias | null>(null)
  const isOurs = KeyManager === 'CUSTOMER'
  return (
    <>
      <Table<Alias>
        items={data?.Aliases ?? []}
        loading={isPending}
        loadingText={text.title}
        trackBy="AliasName"
        empty={<Empty title={text.none} description={text.noneText} />}
        columnDefinitions={[
          { id: 'name', header: text.name, cell: ({ AliasName }) => AliasName, isRowHeader: true },
          { id: 'arn', header: text.arn, cell: ({ AliasArn }) => AliasArn },
          ...(isOurs
            ? [
                {
                  id: 'delete',
                  header: text.delete,
                  cell: (alias: Alias) => (
                    <Button
                      variant="inline-icon"
                      iconName="remove"
                      ariaLabel={text.deleteOne(alias.AliasName)}
                      onClick={() => setDeleted(alias)}
                    />
                  ),
                },
              ]
            : []),
        ]}
        header={
          <Header
            counter={`(${data?.Aliases.length ?? 0})`}
            actions={isOurs && <Button onClick={() => setAdding(true)}>{text.create}</Button>}
          >
            {text.title}
          </Header>
        }
      />
      {isAdding && <CreateAlias keyId={KeyId} onDone={() => setAdding(false)} />}
      {deleted !== null && (
        <ConfirmChange
          title={text.delete}
          operation="DeleteAlias"
          input={{ AliasName: deleted.AliasName }}
          done={text.deleted}
          onDone={() => setDeleted(null)}
        >
          {text.deleteAbout(deleted.AliasName)}
        </ConfirmChange>
      )}
    </>
  )
}

function CreateAlias({ keyId, onDone }: { readonly keyId: string; readonly onDone: () => void }) {
  const [name, setName] = useState('')
  return (
    <ConfirmChange
      title={text.create}
      operation="CreateAlias"
      input={{ AliasName: `alias/${name.replace(/^alias\//, '')}`, TargetKeyId: keyId }}
      done={text.created}
      isReady={name !== ''}
      onDone={onDone}
    >
      <FormField label={text.name} constraintText={text.constraint}>
        <Input value={name} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
    </ConfirmChange>
  )
}
