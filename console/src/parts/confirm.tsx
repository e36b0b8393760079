import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal, { type ModalProps } from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { ReactNode } from 'react'
import { words } from '../words/en.ts'
import { ErrorAlert } from './error-alert.tsx'

interface ConfirmProps {
  readonly title: string
  readonly size?: ModalProps.Size
  /** Why it was refused; null where it was not. */
  readonly error: unknown
  readonly isPending: boolean
  /** Whether what is needed was given. */
  readonly isReady?: boolean
  readonly onConfirm: () => void
  readonly onDismiss: () => void
  readonly children?: ReactNode
}

/** Asks before something is changed, and shows why it was refused where it was. */
export function Confirm({
  title,
  size = 'medium',
  error,
  isPending,
  isReady = true,
  onConfirm,
  onDismiss,
  children,
}: ConfirmProps) {
  return (
    <Modal
      visible
      size={size}
      header={title}
      onDismiss={onDismiss}
      closeAriaLabel={words.header.cancel}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onDismiss}>
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
