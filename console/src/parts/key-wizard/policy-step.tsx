import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { lazy, Suspense } from 'react'
import { words } from '../../words/en.ts'
import { PolicyDocument } from './policy-document.tsx'

// What an editor takes is loaded when a policy is edited.
const PolicyEditor = lazy(async () => ({ default: (await import('../policy/policy-editor.tsx')).PolicyEditor }))

const text = words.wizard.policy

interface PolicyStepProps {
  /** What the policy is where nobody changes it. */
  readonly standard: string
  /** The policy as it was changed; null where it was not. */
  readonly edited: string | null
  readonly onChange: (edited: string | null) => void
  /** What is said of a policy that is not changed. */
  readonly about?: string
}

/** Shows the policy, and has it changed. */
export function PolicyStep({ standard, edited, onChange, about }: PolicyStepProps) {
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            edited === null ? (
              <Button onClick={() => onChange(standard)}>{words.key.policy.edit}</Button>
            ) : (
              <Button onClick={() => onChange(null)}>{text.standard}</Button>
            )
          }
        >
          {text.title}
        </Header>
      }
    >
      <SpaceBetween size="m">
        {edited === null && about !== undefined && <Alert type="info">{about}</Alert>}
        {edited !== null && <Alert type="info">{text.edited}</Alert>}
        {edited !== null && !isJson(edited) && <Alert type="error">{text.noJson}</Alert>}
        {edited === null ? (
          <PolicyDocument policy={standard} />
        ) : (
          <Suspense>
            <PolicyEditor label={text.title} first={edited} onChange={onChange} />
          </Suspense>
        )}
      </SpaceBetween>
    </Container>
  )
}

/** Says whether a text is JSON: all else is for the server to say. */
export function isJson(policy: string): boolean {
  try {
    JSON.parse(policy)
    return true
  } catch {
    return false
  }
}
