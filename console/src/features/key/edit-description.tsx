import FormField from '@cloudscape-design/components/form-field'
import Textarea from '@cloudscape-design/components/textarea'
import { useState } from 'react'
import type { KeyMetadata } from '../../api/kms.ts'
import { words } from '../../words/en.ts'
import { ConfirmChange } from './confirm-change.tsx'

/** How long a description can be, in characters (AWS KMS API Reference, UpdateKeyDescription). */
const LONGEST = 8192
const text = words.key.general

interface EditDescriptionProps {
  readonly keyMetadata: KeyMetadata
  readonly onDone: () => void
}

/** Asks for another description. */
export function EditDescription({ keyMetadata: key, onDone }: EditDescriptionProps) {
  const [description, setDescription] = useState(key.Description)
  const isTooLong = description.length > LONGEST
  return (
    <ConfirmChange
      title={text.edit}
      operation="UpdateKeyDescription"
      input={{ KeyId: key.KeyId, Description: description }}
      done={text.described}
      isReady={!isTooLong && description !== key.Description}
      onDone={onDone}
    >
      <FormField
        label={text.description}
        constraintText={words.wizard.labels.notSecret}
        errorText={isTooLong ? words.wizard.labels.longDescription(LONGEST) : null}
      >
        <Textarea value={description} rows={4} onChange={({ detail }) => setDescription(detail.value)} />
      </FormField>
    </ConfirmChange>
  )
}
