import ButtonDropdown from '@cloudscape-design/components/button-dropdown'
import { useState } from 'react'
import type { KeyMetadata } from '../../api/kms.ts'
import { words } from '../../words/en.ts'
import { ConfirmChange } from './confirm-change.tsx'
import { ScheduleDeletion } from './schedule-deletion.tsx'

type Action = 'enable' | 'disable' | 'schedule' | 'cancel'

const OPERATIONS = { enable: 'EnableKey', disable: 'DisableKey', cancel: 'CancelKeyDeletion' } as const
const text = words.key.actions

/** What can be done to a key as a whole. */
export function KeyActions({ keyMetadata: key }: { readonly keyMetadata: KeyMetadata }) {
  const [chosen, setChosen] = useState<Action | null>(null)
  const isPending = key.KeyState === 'PendingDeletion' || key.KeyState === 'PendingReplicaDeletion'
  const onDone = (): void => setChosen(null)
  return (
    <>
      <ButtonDropdown
        items={[
          { id: 'enable', text: text.enable, disabled: key.KeyState !== 'Disabled' },
          { id: 'disable', text: text.disable, disabled: key.KeyState !== 'Enabled' },
          { id: 'schedule', text: text.schedule, disabled: isPending },
          { id: 'cancel', text: text.cancel, disabled: !isPending },
        ]}
        onItemClick={({ detail }) => setChosen(detail.id as Action)}
      >
        {text.title}
      </ButtonDropdown>
      {chosen === 'schedule' && <ScheduleDeletion keyMetadata={key} onDone={onDone} />}
      {chosen !== null && chosen !== 'schedule' && (
        <ConfirmChange
          title={text[chosen]}
          operation={OPERATIONS[chosen]}
          input={{ KeyId: key.KeyId }}
          done={text.done[chosen]}
          onDone={onDone}
        >
          {text.about[chosen]}
        </ConfirmChange>
      )}
    </>
  )
}
