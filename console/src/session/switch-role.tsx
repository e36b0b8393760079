import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ErrorAlert } from '../parts/error-alert.tsx'
import { useRegion, useSignedIn } from '../shell/place.ts'
import { words } from '../words/en.ts'
import { switchRole } from './sign-in.ts'

/** Asks which role to take. */
export function SwitchRole({ onDone }: { readonly onDone: () => void }) {
  const session = useSignedIn()
  const region = useRegion()
  const queries = useQueryClient()
  const [role, setRole] = useState('')
  const [error, setError] = useState<unknown>(null)
  const text = words.header

  async function take(): Promise<void> {
    try {
      await switchRole(session, region, role.trim())
      queries.clear()
      onDone()
    } catch (caught) {
      setError(caught)
    }
  }

  return (
    <Modal
      visible
      header={text.switchRole}
      onDismiss={onDone}
      closeAriaLabel={text.cancel}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onDone}>
              {text.cancel}
            </Button>
            <Button variant="primary" disabled={role.trim() === ''} onClick={() => void take()}>
              {text.switchRole}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {error !== null && <ErrorAlert error={error} />}
        <FormField label={text.role}>
          <Input
            value={role}
            onChange={({ detail }) => setRole(detail.value)}
            placeholder={`arn:aws:iam::${session.account}:role/`}
            spellcheck={false}
          />
        </FormField>
      </SpaceBetween>
    </Modal>
  )
}
