import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import type { ReactNode } from 'react'
import type { PolicyChoices } from '../../../../src/domain/console-policy/console-policy.ts'
import { words } from '../../words/en.ts'
import type { Labels } from './labels.ts'
import { PolicyDocument } from './policy-document.tsx'

const text = words.wizard

interface ReviewedProps {
  readonly title: string
  readonly onEdit: () => void
  readonly children: ReactNode
}

/** What was given in a step, and the way back to it. */
export function Reviewed({ title, onEdit, children }: ReviewedProps) {
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <Button ariaLabel={text.review.editOf(title)} onClick={onEdit}>
              {words.key.policy.edit}
            </Button>
          }
        >
          {title}
        </Header>
      }
    >
      {children}
    </Container>
  )
}

interface EditProps {
  readonly onEdit: () => void
}

/** The labels that were given. */
export function ReviewedLabels({ labels, onEdit }: EditProps & { readonly labels: Labels }) {
  const tags = labels.tags.map(({ key, value }) => (value === '' ? key : `${key} = ${value}`))
  return (
    <Reviewed title={text.labels.title} onEdit={onEdit}>
      <KeyValuePairs
        columns={3}
        minColumnWidth={200}
        items={[
          { label: text.labels.alias, value: labels.alias },
          { label: text.labels.description, value: labels.description || '-' },
          { label: words.key.tags.title, value: <Lines lines={tags} /> },
        ]}
      />
    </Reviewed>
  )
}

type ReviewedChoicesProps = EditProps & { readonly choices: PolicyChoices }

/** Who administers the key. */
export function ReviewedAdministrators({ choices, onEdit }: ReviewedChoicesProps) {
  return (
    <Reviewed title={text.administrators.step} onEdit={onEdit}>
      <KeyValuePairs
        columns={2}
        minColumnWidth={280}
        items={[
          { label: text.administrators.title, value: <Lines lines={choices.administrators} /> },
          {
            label: text.administrators.allowDeletion,
            value: choices.administratorsDelete ? text.review.yes : text.review.no,
          },
        ]}
      />
    </Reviewed>
  )
}

/** Who uses the key. */
export function ReviewedUsers({ choices, onEdit }: ReviewedChoicesProps) {
  return (
    <Reviewed title={text.users.step} onEdit={onEdit}>
      <KeyValuePairs
        columns={2}
        minColumnWidth={280}
        items={[
          { label: text.users.title, value: <Lines lines={choices.users} /> },
          { label: text.users.accounts, value: <Lines lines={choices.accounts} /> },
        ]}
      />
    </Reviewed>
  )
}

/** The policy, as it will be. */
export function ReviewedPolicy({ policy, onEdit }: EditProps & { readonly policy: string }) {
  return (
    <Reviewed title={words.key.policy.title} onEdit={onEdit}>
      <PolicyDocument policy={policy} />
    </Reviewed>
  )
}

function Lines({ lines }: { readonly lines: readonly string[] }) {
  if (lines.length === 0) return '-'
  return lines.map((line) => <div key={line}>{line}</div>)
}
