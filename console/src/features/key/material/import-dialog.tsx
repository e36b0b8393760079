import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import FileUpload from '@cloudscape-design/components/file-upload'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import RadioGroup from '@cloudscape-design/components/radio-group'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import type { KeySpec } from '../../../../../src/domain/key-spec.ts'
import type { KeyMetadata } from '../../../api/kms.ts'
import { download } from '../../../parts/download.ts'
import { words } from '../../../words/en.ts'
import { Confirm } from '../../../parts/confirm.tsx'
import { bytesOf } from './read-material.ts'
import { faultOf, isValidityWrong, NO_IMPORT, useImport, VALIDITY_DAYS, type ImportDraft } from './use-import.ts'

const text = words.key.material

interface ImportDialogProps {
  readonly keyMetadata: KeyMetadata
  readonly title: string
  /** Which material it is, as ImportKeyMaterial takes it. */
  readonly which: object
  readonly onDone: () => void
}

/** Asks for material, wraps it here, and imports it. */
export function ImportDialog({ keyMetadata: key, title, which, onDone }: ImportDialogProps) {
  const [draft, setDraft] = useState(NO_IMPORT)
  const { mutate, error, isPending } = useImport(key, which)
  const spec = key.KeySpec as KeySpec
  const isGiven = draft.source === 'file' ? draft.file !== null && draft.fault === null : draft.random !== null
  return (
    <Confirm
      title={title}
      error={error}
      isPending={isPending}
      isReady={isGiven && !isValidityWrong(draft)}
      onConfirm={() => mutate(draft, { onSuccess: onDone })}
      onDismiss={onDone}
    >
      <Alert type="info">{text.wrapped}</Alert>
      <Source draft={draft} spec={spec} onChange={setDraft} />
      {key.KeySpec === 'SYMMETRIC_DEFAULT' && (
        <FormField label={text.descriptionOptional} constraintText={text.descriptionConstraint}>
          <Input
            value={draft.description}
            onChange={({ detail }) => setDraft({ ...draft, description: detail.value })}
          />
        </FormField>
      )}
      <Validity draft={draft} onChange={setDraft} />
    </Confirm>
  )
}

interface PartProps {
  readonly draft: ImportDraft
  readonly onChange: (draft: ImportDraft) => void
}

function Source({ draft, spec, onChange }: PartProps & { readonly spec: KeySpec }) {
  const bytes = bytesOf(spec)
  const make = (): void => {
    const random = crypto.getRandomValues(new Uint8Array(bytes ?? 0))
    download(text.fileName, random)
    onChange({ ...draft, random })
  }
  const choose = async (file: File | undefined): Promise<void> =>
    onChange({ ...draft, file: file ?? null, fault: file === undefined ? null : await faultOf(file, spec) })
  return (
    <SpaceBetween size="m">
      {bytes !== null && (
        <FormField label={text.source}>
          <RadioGroup
            value={draft.source}
            onChange={({ detail }) => onChange({ ...draft, source: detail.value as ImportDraft['source'] })}
            items={[
              { value: 'file', label: text.file },
              { value: 'random', label: text.random, description: text.randomAbout(bytes) },
            ]}
          />
        </FormField>
      )}
      {draft.source === 'file' ? (
        <FormField label={text.fileLabel} constraintText={bytes === null ? text.privateKey : text.bytes(bytes)}>
          <FileUpload
            value={draft.file === null ? [] : [draft.file]}
            onChange={({ detail }) => void choose(detail.value[0])}
            fileErrors={[draft.fault]}
            showFileSize
            i18nStrings={{
              uploadButtonText: () => text.chooseFile,
              removeFileAriaLabel: (_index, name) => text.removeFile(name),
            }}
          />
        </FormField>
      ) : (
        <SpaceBetween size="xs">
          <Button iconName="download" onClick={make}>
            {text.make}
          </Button>
          {draft.random !== null && <Alert type="warning">{text.keep}</Alert>}
        </SpaceBetween>
      )}
    </SpaceBetween>
  )
}

function Validity({ draft, onChange }: PartProps) {
  const range = text.range(VALIDITY_DAYS.least, VALIDITY_DAYS.most)
  return (
    <SpaceBetween size="m">
      <FormField label={text.expiration}>
        <RadioGroup
          value={draft.expires ? 'yes' : 'no'}
          onChange={({ detail }) => onChange({ ...draft, expires: detail.value === 'yes' })}
          items={[
            { value: 'no', label: text.staysForever },
            { value: 'yes', label: text.endsByItself, description: text.endsAbout },
          ]}
        />
      </FormField>
      {draft.expires && (
        <FormField label={text.days} constraintText={range} errorText={isValidityWrong(draft) ? range : null}>
          <Input
            type="number"
            value={draft.days}
            onChange={({ detail }) => onChange({ ...draft, days: detail.value })}
          />
        </FormField>
      )}
    </SpaceBetween>
  )
}
