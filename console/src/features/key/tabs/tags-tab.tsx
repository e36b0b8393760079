import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import { useState } from 'react'
import type { KeyMetadata, Tag } from '../../../api/kms.ts'
import { Empty } from '../../../parts/empty.tsx'
import { More } from '../../../parts/more.tsx'
import { words } from '../../../words/en.ts'
import { ConfirmChange } from '../confirm-change.tsx'
import { useKeyList } from '../use-key.ts'

const text = words.key.tags

/** The tags of a key. */
export function TagsTab({ keyMetadata: { KeyId, KeyManager } }: { readonly keyMetadata: KeyMetadata }) {
  const listing = useKeyList('ListResourceTags', KeyId)
  const [isAdding, setAdding] = useState(false)
  const [edited, setEdited] = useState<Tag | null>(null)
  const [removed, setRemoved] = useState<Tag | null>(null)
  const isOurs = KeyManager === 'CUSTOMER'
  return (
    <>
      <Table<Tag>
        items={listing.items}
        loading={listing.isPending}
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
                  header: words.key.material.actions,
                  cell: (tag: Tag) => (
                    <SpaceBetween direction="horizontal" size="xs">
                      <Button
                        variant="inline-icon"
                        iconName="edit"
                        ariaLabel={text.editOne(tag.TagKey)}
                        onClick={() => setEdited(tag)}
                      />
                      <Button
                        variant="inline-icon"
                        iconName="remove"
                        ariaLabel={text.removeOne(tag.TagKey)}
                        onClick={() => setRemoved(tag)}
                      />
                    </SpaceBetween>
                  ),
                },
              ]
            : []),
        ]}
        footer={<More listing={listing} />}
        header={
          <Header
            counter={listing.counter}
            actions={isOurs && <Button onClick={() => setAdding(true)}>{text.add}</Button>}
          >
            {text.title}
          </Header>
        }
      />
      {isAdding && <PutTag keyId={KeyId} tag={null} onDone={() => setAdding(false)} />}
      {edited !== null && <PutTag keyId={KeyId} tag={edited} onDone={() => setEdited(null)} />}
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

interface PutTagProps {
  readonly keyId: string
  /** The tag whose value is changed; null for another one. */
  readonly tag: Tag | null
  readonly onDone: () => void
}

function PutTag({ keyId, tag, onDone }: PutTagProps) {
  const [TagKey, setKey] = useState(tag?.TagKey ?? '')
  const [TagValue, setValue] = useState(tag?.TagValue ?? '')
  return (
    <ConfirmChange
      title={tag === null ? text.add : text.edit}
      operation="TagResource"
      input={{ KeyId: keyId, Tags: [{ TagKey, TagValue }] }}
      done={tag === null ? text.added : text.edited}
      isReady={TagKey !== '' && TagValue !== tag?.TagValue}
      onDone={onDone}
    >
      <FormField label={text.key}>
        <Input value={TagKey} readOnly={tag !== null} onChange={({ detail }) => setKey(detail.value)} />
      </FormField>
      <FormField label={text.value}>
        <Input value={TagValue} onChange={({ detail }) => setValue(detail.value)} />
      </FormField>
    </ConfirmChange>
  )
}
