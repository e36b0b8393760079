import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import { useState } from 'react'
import type { KeyMetadata } from '../../api/kms.ts'
import { LongText } from '../../parts/long-text.tsx'
import { KeyState } from '../../parts/key-state.tsx'
import { Moment } from '../../parts/moment.tsx'
import { words } from '../../words/en.ts'
import { EditDescription } from './edit-description.tsx'
import { useKeyList } from './use-key.ts'

const text = words.key.general

interface GeneralConfigurationProps {
  readonly keyMetadata: KeyMetadata
  /** Whether it is another account's. */
  readonly isForeign: boolean
}

/** What a key is, at a look. */
export function GeneralConfiguration({ keyMetadata: key, isForeign }: GeneralConfigurationProps) {
  const [isEditing, setEditing] = useState(false)
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            key.KeyManager === 'CUSTOMER' && !isForeign && <Button onClick={() => setEditing(true)}>{text.edit}</Button>
          }
        >
          {text.title}
        </Header>
      }
    >
      <KeyValuePairs
        minColumnWidth={190}
        columns={3}
        items={[
          { label: words.keys.alias, value: isForeign ? '-' : <Aliases keyId={key.KeyId} /> },
          ...(isForeign ? [{ label: words.header.account, value: key.AWSAccountId }] : []),
          { label: text.arn, value: <Copied value={key.Arn} /> },
          { label: words.keys.status, value: <KeyState state={key.KeyState} /> },
          { label: text.description, value: <LongText text={key.Description || '-'} /> },
          { label: words.keys.created, value: <Moment seconds={key.CreationDate} /> },
          {
            label: words.keys.regionality,
            value: words.regionality[key.MultiRegionConfiguration?.MultiRegionKeyType ?? 'single'],
          },
          ...(key.DeletionDate === undefined
            ? []
            : [{ label: text.deletion, value: <Moment seconds={key.DeletionDate} /> }]),
          ...(key.ValidTo === undefined ? [] : [{ label: text.expires, value: <Moment seconds={key.ValidTo} /> }]),
        ]}
      />
      {isEditing && <EditDescription keyMetadata={key} onDone={() => setEditing(false)} />}
    </Container>
  )
}

function Aliases({ keyId }: { readonly keyId: string }) {
  const { items } = useKeyList('ListAliases', keyId)
  const names = items.map(({ AliasName }) => AliasName.replace(/^alias\//, ''))
  return <LongText text={names.join(', ') || '-'} />
}

function Copied({ value }: { readonly value: string }) {
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={value}
      copyButtonAriaLabel={text.copy}
      copySuccessText={text.copied}
      copyErrorText={text.notCopied}
    />
  )
}
