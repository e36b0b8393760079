import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { ReactNode } from 'react'
import { ErrorAlert } from '../../parts/error-alert.tsx'
import { words } from '../../words/en.ts'

interface ConfirmModalProps {
  readonly title: string
  /** Why it was refused; null where it was not. */
  readonly error: unknown
  readonly isPending: boolean
  /** Whether what is needed was given. */
  readonly isReady: boolean
  readonly onConfirm: () => void
  readonly onDone: () => void
  readonly children?: ReactNode
}

/** Asks before something is done, and shows why it was refused where it was. */
export function ConfirmModal({ title, error, isPending, isReady, onConfirm, onDone, children }: ConfirmModalProps) {
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
            <Button variant="primary" loading={isPending} disabled={!isReady} onClick={onConfirm}>
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
