import Autosuggest from '@cloudscape-design/components/autosuggest'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { kms, type Alias } from '../../../api/kms.ts'
import { useAsking } from '../../../shell/place.ts'
import { words } from '../../../words/en.ts'
import { ConfirmChange } from '../confirm-change.tsx'

const text = words.key.aliases

/** Asks for a name of a key. */
export function CreateAlias({ keyId, onDone }: { readonly keyId: string; readonly onDone: () => void }) {
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

interface AliasDialogProps {
  readonly alias: Alias
  readonly onDone: () => void
}

/** Asks which key a name is to be of instead. */
export function MoveAlias({ alias: { AliasName, TargetKeyId }, onDone }: AliasDialogProps) {
  const [target, setTarget] = useState('')
  const asking = useAsking()
  const { data } = useQuery({
    queryKey: ['key', asking.region, asking.credentials.accessKeyId, 'ListAliases'],
    queryFn: () => kms(asking, 'ListAliases', { Limit: 100 }),
  })
  const options = (data?.Aliases ?? []).flatMap((each) =>
    each.TargetKeyId === undefined || each.TargetKeyId === TargetKeyId || each.AliasName.startsWith('alias/aws/')
      ? []
      : [{ value: each.TargetKeyId, label: each.TargetKeyId, description: each.AliasName }],
  )
  return (
    <ConfirmChange
      title={text.move}
      operation="UpdateAlias"
      input={{ AliasName, TargetKeyId: target.trim() }}
      done={text.moved}
      isReady={target.trim() !== ''}
      onDone={onDone}
    >
      {text.moveAbout(AliasName)}
      <FormField label={text.target} constraintText={text.targetConstraint}>
        <Autosuggest
          value={target}
          options={options}
          enteredTextLabel={words.access.simulate.use}
          onChange={({ detail }) => setTarget(detail.value)}
        />
      </FormField>
    </ConfirmChange>
  )
}

/** Asks before a name is taken away. */
export function DeleteAlias({ alias: { AliasName }, onDone }: AliasDialogProps) {
  return (
    <ConfirmChange
      title={text.delete}
      operation="DeleteAlias"
      input={{ AliasName }}
      done={text.deleted}
      onDone={onDone}
    >
      {text.deleteAbout(AliasName)}
    </ConfirmChange>
  )
}
