import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { lazy, Suspense, useState } from 'react'
import type { KeyMetadata } from '../../../api/kms.ts'
import { ErrorAlert } from '../../../parts/error-alert.tsx'
import { PolicyEffect } from '../../../parts/policy/policy-effect.tsx'
import { words } from '../../../words/en.ts'
import { ConfirmChange } from '../confirm-change.tsx'
import { useKeyRead } from '../use-key.ts'

const PolicyEditor = lazy(async () => ({
  default: (await import('../../../parts/policy/policy-editor.tsx')).PolicyEditor,
}))

const text = words.key.policy

/** Who may do what with a key, and the text to change it by. */
export function PolicyTab({ keyMetadata: key }: { readonly keyMetadata: KeyMetadata }) {
  const { data, error } = useKeyRead('GetKeyPolicy', key.KeyId)
  const [draft, setDraft] = useState<string | null>(null)
  const [isSaving, setSaving] = useState(false)
  const policy = pretty(data?.Policy ?? '')
  const stop = (): void => setDraft(null)
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            draft === null ? (
              <Button disabled={data === undefined || key.KeyManager !== 'CUSTOMER'} onClick={() => setDraft(policy)}>
                {text.edit}
              </Button>
            ) : (
              <SpaceBetween direction="horizontal" size="xs">
                <Button variant="link" onClick={stop}>
                  {words.header.cancel}
                </Button>
                <Button variant="primary" disabled={draft === policy} onClick={() => setSaving(true)}>
                  {text.review}
                </Button>
              </SpaceBetween>
            )
          }
        >
          {text.title}
        </Header>
      }
    >
      {error !== null && <ErrorAlert error={error} />}
      {draft === null ? (
        <Box variant="code">
          <pre className="document" tabIndex={0} aria-label={text.title}>
            {policy}
          </pre>
        </Box>
      ) : (
        <Suspense>
          <PolicyEditor label={text.title} first={policy} onChange={setDraft} />
        </Suspense>
      )}
      {draft !== null && isSaving && (
        <ConfirmChange
          title={text.save}
          size="large"
          operation="PutKeyPolicy"
          input={{ KeyId: key.KeyId, Policy: draft }}
          done={text.done}
          onDone={() => setSaving(false)}
          onSuccess={stop}
        >
          <PolicyEffect keyArn={key.Arn} policy={draft} />
        </ConfirmChange>
      )}
    </Container>
  )
}

/** A policy as people read it; as it is where it is no JSON. */
function pretty(policy: string): string {
  try {
    return JSON.stringify(JSON.parse(policy), null, 2)
  } catch {
    return policy
  }
}
