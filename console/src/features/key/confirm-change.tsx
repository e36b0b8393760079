import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { ReactNode } from 'react'
import type { KmsAnswers } from '../../api/kms.ts'
import { ErrorAlert } from '../../parts/error-alert.tsx'
import { words } from '../../words/en.ts'
import { useKeyChange } from './use-key.ts'

interface ConfirmChangeProps {
  readonly title: string
  readonly operation: keyof KmsAnswers
  readonly input: object
  /** What is told once it was done. */
  readonly done: string
  /** Whether what is needed was given. */
  readonly isReady?: boolean
  readonly onDone: () => void
  readonly children?: ReactNode
}

/** Asks before an operation, and shows why it was refused where it was. */
export function ConfirmChange({ title, operation, input, done, isReady = true, onDone, children }: ConfirmChangeProps) {
  const { mutate, error, isPending } = useKeyChange(operation, done)
  return (
    <Modal
      visible
      header={title}
      onDismiss={onDone}
      closeAriaLabel={words.header.cancel}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onDone}>
              {words.header.cancel}
            </Button>
            <Button
              variant="primary"
              loading={isPending}
              disabled={!isReady}
              onClick={() => mutate(input, { onSuccess: onDone })}
            >
              {title}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {error !== null && <ErrorAlert error={error} />}
        {children}
      </SpaceBetween>
    </Modal>
  )
}
