import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Textarea from '@cloudscape-design/components/textarea'
import { useState } from 'react'
import type { KeyMetadata } from '../../../api/kms.ts'
import { ErrorAlert } from '../../../parts/error-alert.tsx'
import { words } from '../../../words/en.ts'
import { useKeyChange, useKeyRead } from '../use-key.ts'

const text = words.key.policy

/** Who may do what with a key, and the text to change it by. */
export function PolicyTab({ keyMetadata: key }: { readonly keyMetadata: KeyMetadata }) {
  const { data, error } = useKeyRead('GetKeyPolicy', key.KeyId)
  const [draft, setDraft] = useState<string | null>(null)
  const change = useKeyChange('PutKeyPolicy', text.done)
  const stop = (): void => {
    setDraft(null)
    change.reset()
  }
  const save = (): void => change.mutate({ KeyId: key.KeyId, Policy: draft }, { onSuccess: stop })
  const isOurs = key.KeyManager === 'CUSTOMER'
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            draft === null ? (
              <Button disabled={data === undefined || !isOurs} onClick={() => setDraft(pretty(data?.Policy ?? ''))}>
                {text.edit}
              </Button>
            ) : (
              <SpaceBetween direction="horizontal" size="xs">
                <Button variant="link" onClick={stop}>
                  {words.header.cancel}
                </Button>
                <Button variant="primary" loading={change.isPending} onClick={save}>
                  {text.save}
                </Button>
              </SpaceBetween>
            )
          }
        >
          {text.title}
        </Header>
      }
    >
      <SpaceBetween size="m">
        {error !== null && <ErrorAlert error={error} />}
        {change.error !== null && <ErrorAlert error={change.error} />}
        {draft === null ? (
          <Box variant="code">
            <pre className="document" tabIndex={0} aria-label={text.title}>
              {pretty(data?.Policy ?? '')}
            </pre>
          </Box>
        ) : (
          <Textarea
            ariaLabel={text.title}
            value={draft}
            rows={24}
            spellcheck={false}
            onChange={({ detail }) => setDraft(detail.value)}
          />
        )}
      </SpaceBetween>
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
