import type { ModalProps } from '@cloudscape-design/components/modal'
import type { ReactNode } from 'react'
import type { KmsAnswers } from '../../api/kms.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { useKeyChange } from './use-key.ts'

interface ConfirmChangeProps {
  readonly title: string
  readonly size?: ModalProps.Size
  readonly operation: keyof KmsAnswers
  readonly input: object
  /** What is told once it was done. */
  readonly done: string
  /** Whether what is needed was given. */
  readonly isReady?: boolean
  readonly onDone: () => void
  /** Called where it was done, and not where it was given up. */
  readonly onSuccess?: () => void
  readonly children?: ReactNode
}

/** Asks before an operation, and shows why it was refused where it was. */
export function ConfirmChange({ operation, input, done, onDone, onSuccess, ...shown }: ConfirmChangeProps) {
  const { mutate, error, isPending } = useKeyChange(operation, done)
  const finish = (): void => {
    onDone()
    onSuccess?.()
  }
  return (
    <Confirm
      {...shown}
      error={error}
      isPending={isPending}
      onConfirm={() => mutate(input, { onSuccess: finish })}
      onDismiss={onDone}
    />
  )
}
