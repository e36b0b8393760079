import type { ReactNode } from 'react'
import type { KmsAnswers } from '../../api/kms.ts'
import { ConfirmModal } from './confirm-modal.tsx'
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
    <ConfirmModal
      title={title}
      error={error}
      isPending={isPending}
      isReady={isReady}
      onConfirm={() => mutate(input, { onSuccess: onDone })}
      onDone={onDone}
    >
      {children}
    </ConfirmModal>
  )
}
