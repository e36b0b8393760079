import Wizard from '@cloudscape-design/components/wizard'
import { useState, type ReactNode } from 'react'
import { asApiError } from '../../api/errors.ts'
import { words } from '../../words/en.ts'

const text = words.wizard

/** What a step can do with the steps. */
export interface Stepping {
  /** Whether what is wrong is said: from when somebody has wanted to go on. */
  readonly saysFaults: boolean
  readonly goTo: (step: number) => void
}

/** One step of a wizard. */
export interface Step {
  readonly title: string
  readonly description?: string
  /** Nobody goes on from a step that is wrong. */
  readonly isWrong?: boolean
  readonly content: (stepping: Stepping) => ReactNode
}

interface KeyWizardProps {
  readonly steps: readonly Step[]
  readonly isSubmitting: boolean
  /** Why the last step was refused; null where it was not. */
  readonly error: unknown
  readonly onCancel: () => void
  readonly onSubmit: () => void
}

/** Leads through steps, back and forth; what was given stays. */
export function KeyWizard({ steps, isSubmitting, error, onCancel, onSubmit }: KeyWizardProps) {
  const [active, setActive] = useState(0)
  const [saysFaults, setSaysFaults] = useState(false)
  const goTo = (step: number): void => {
    // Whoever goes forth passes by each step between.
    const wrong = steps.findIndex(({ isWrong }, index) => index < step && isWrong === true)
    setSaysFaults(wrong >= 0)
    setActive(wrong >= 0 ? wrong : step)
  }
  const submit = (): void => {
    if (steps.some(({ isWrong }) => isWrong === true)) goTo(steps.length)
    else onSubmit()
  }
  return (
    <Wizard
      activeStepIndex={active}
      onNavigate={({ detail }) => goTo(detail.requestedStepIndex)}
      onCancel={onCancel}
      onSubmit={submit}
      isLoadingNextStep={isSubmitting}
      submitButtonText={text.finish}
      i18nStrings={{
        stepNumberLabel: text.step,
        collapsedStepsLabel: text.stepOf,
        navigationAriaLabel: text.steps,
        cancelButton: words.header.cancel,
        previousButton: text.previous,
        nextButton: text.next,
        optional: words.signIn.optional,
        errorIconAriaLabel: text.error,
        submitButtonLoadingAnnouncement: text.working,
      }}
      steps={steps.map(({ title, description, content }, index) => ({
        title,
        description,
        content: index === active ? content({ saysFaults, goTo }) : null,
        errorText: index === active && index === steps.length - 1 ? errorText(error) : undefined,
      }))}
    />
  )
}

function errorText(error: unknown): string | undefined {
  if (error === null) return undefined
  const { code, message } = asApiError(error)
  return `${code === 'NetworkError' ? words.errors.network : words.errors.title(code)}. ${message}`
}
