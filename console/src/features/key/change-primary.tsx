import Alert from '@cloudscape-design/components/alert'
import FormField from '@cloudscape-design/components/form-field'
import Select from '@cloudscape-design/components/select'
import { useState } from 'react'
import type { KeyInRegion } from '../../api/kms.ts'
import { words } from '../../words/en.ts'
import { ConfirmChange } from './confirm-change.tsx'

const text = words.key.regionality

interface ChangePrimaryProps {
  readonly keyId: string
  readonly replicas: readonly KeyInRegion[]
  readonly onDone: () => void
}

/** Asks which replica is to be the primary. */
export function ChangePrimary({ keyId, replicas, onDone }: ChangePrimaryProps) {
  const [region, setRegion] = useState<string | null>(null)
  return (
    <ConfirmChange
      title={text.changePrimary}
      operation="UpdatePrimaryRegion"
      input={{ KeyId: keyId, PrimaryRegion: region }}
      done={text.changed}
      isReady={region !== null}
      onDone={onDone}
    >
      <Alert type="info">{text.changeAbout}</Alert>
      <FormField label={text.newPrimary}>
        <Select
          selectedOption={region === null ? null : { value: region, label: region }}
          placeholder={text.choose}
          options={replicas.map(({ Region }) => ({ value: Region, label: Region }))}
          onChange={({ detail }) => setRegion(detail.selectedOption.value ?? null)}
        />
      </FormField>
    </ConfirmChange>
  )
}
