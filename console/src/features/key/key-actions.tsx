import ButtonDropdown from '@cloudscape-design/components/button-dropdown'
import { useState } from 'react'
import type { KeyMetadata } from '../../api/kms.ts'
import { actionItems, OPERATIONS, type KeyAction } from '../../parts/key-actions/actions.ts'
import { words } from '../../words/en.ts'
import { ConfirmChange } from './confirm-change.tsx'
import { ScheduleDeletion } from './schedule-deletion.tsx'

const text = words.keyActions

/** What can be done to a key as a whole. */
export function KeyActions({ keyMetadata: key }: { readonly keyMetadata: KeyMetadata }) {
  const [chosen, setChosen] = useState<KeyAction | null>(null)
  const onDone = (): void => setChosen(null)
  return (
    <>
      <ButtonDropdown
        items={actionItems([key.KeyState])}
        onItemClick={({ detail }) => setChosen(detail.id as KeyAction)}
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
