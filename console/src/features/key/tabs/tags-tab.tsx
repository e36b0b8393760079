import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import Table from '@cloudscape-design/components/table'
import { useState } from 'react'
import type { KeyMetadata, Tag } from '../../../api/kms.ts'
import { Empty } from '../../../parts/empty.tsx'
import { words } from '../../../words/en.ts'
import { ConfirmChange } from '../confirm-change.tsx'
import { useKeyRead } from '../use-key.ts'

const text = words.key.tags

/** The tags of a key. */
export function TagsTab({ keyMetadata: { KeyId, KeyManager } }: { readonly keyMetadata: KeyMetadata }) {
  const { data, isPending } = useKeyRead('ListResourceTags', KeyId)
  const [isAdding, setAdding] = useState(false)
  const [removed, setRemoved] = useState<Tag | null>(null)
  const isOurs = KeyManager === 'CUSTOMER'
  return (
    <>
      <Table<Tag>
        items={data?.Tags ?? []}
        loading={isPending}
        loadingText={text.title}
        trackBy="TagKey"
        empty={<Empty title={text.none} description={text.noneText} />}
        columnDefinitions={[
          { id: 'key', header: text.key, cell: ({ TagKey }) => TagKey, isRowHeader: true },
          { id: 'value', header: text.value, cell: ({ TagValue }) => TagValue || '-' },
          ...(isOurs
            ? [
                {
                  id: 'remove',
                  header: text.remove,
                  cell: (tag: Tag) => (
                    <Button
                      variant="inline-icon"
                      iconName="remove"
                      ariaLabel={text.removeOne(tag.TagKey)}
                      onClick={() => setRemoved(tag)}
                    />
                  ),
                },
              ]
            : []),
        ]}
        header={
          <Header
            counter={`(${data?.Tags.length ?? 0})`}
            actions={isOurs && <Button onClick={() => setAdding(true)}>{text.add}</Button>}
          >
            {text.title}
          </Header>
        }
      />
      {isAdding && <AddTag keyId={KeyId} onDone={() => setAdding(false)} />}
      {removed !== null && (
        <ConfirmChange
          title={text.remove}
          operation="UntagResource"
          input={{ KeyId, TagKeys: [removed.TagKey] }}
          done={text.removed}
          onDone={() => setRemoved(null)}
        >
          {text.removeAbout(removed.TagKey)}
        </ConfirmChange>
      )}
    </>
  )
}

function AddTag({ keyId, onDone }: { readonly keyId: string; readonly onDone: () => void }) {
  const [TagKey, setKey] = useState('')
  const [TagValue, setValue] = useState('')
  return (
    <ConfirmChange
      title={text.add}
      operation="TagResource"
      input={{ KeyId: keyId, Tags: [{ TagKey, TagValue }] }}
      done={text.added}
      isReady={TagKey !== ''}
      onDone={onDone}
    >
      <FormField label={text.key}>
        <Input value={TagKey} onChange={({ detail }) => setKey(detail.value)} />
      </FormField>
      <FormField label={text.value}>
        <Input value={TagValue} onChange={({ detail }) => setValue(detail.value)} />
      </FormField>
    </ConfirmChange>
  )
}
