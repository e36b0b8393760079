import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Confirm } from '../../parts/confirm.tsx'
import { PolicyEffect } from '../../parts/policy/policy-effect.tsx'
import { tell } from '../../shell/notifications.ts'
import { useAsking } from '../../shell/place.ts'
import { words } from '../../words/en.ts'
import { draftOf, makeChange, type Draft } from './make-change.ts'
import type { PolicyChange, RemedyChange } from './remedy-change.ts'

const text = words.access.remedy

interface ApplyRemedyProps {
  readonly change: RemedyChange
  readonly onDone: () => void
  readonly onApplied: () => void
}

/** Shows what a remedy would change, and makes the change where that is wanted. */
export function ApplyRemedy({ change, onDone, onApplied }: ApplyRemedyProps) {
  const asking = useAsking()
  const queries = useQueryClient()
  const draft = useQuery({
    queryKey: ['draft', asking.credentials.accessKeyId, change],
    queryFn: () => (change.kind === 'grant' ? null : draftOf(asking, change)),
    // What is put must be what was read a moment ago.
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const applying = useMutation({
    mutationFn: () => makeChange(asking, change, draft.data ?? undefined),
    async onSuccess() {
      tell(text.applied)
      onApplied()
      onDone()
      await queries.invalidateQueries({ queryKey: ['key'] })
    },
  })
  return (
    <Confirm
      title={text.apply}
      size="large"
      error={draft.error ?? applying.error}
      isPending={applying.isPending}
      isReady={draft.data !== undefined}
      onConfirm={() => applying.mutate()}
      onDismiss={onDone}
    >
      <WhatChanges change={change} draft={draft.data ?? null} />
    </Confirm>
  )
}

function WhatChanges({ change, draft }: { readonly change: RemedyChange; readonly draft: Draft | null }) {
  if (change.kind === 'grant') return <Document label={text.newGrant} text={JSON.stringify(change.grant, null, 2)} />
  if (draft === null) return null
  if (change.kind === 'key policy') {
    return (
      <SpaceBetween size="m">
        <PolicyEffect keyArn={change.keyArn} policy={draft.after} />
        <Document label={text.newKeyPolicy} text={draft.after} />
      </SpaceBetween>
    )
  }
  return (
    <SpaceBetween size="m">
      <Alert type="info">{whatChanges(change, draft)}</Alert>
      {draft.managed !== null && (
        <Alert type="warning">{text.attachedTo(draft.managed.attachments, draft.managed.boundaries)}</Alert>
      )}
      {draft.managed?.oldest != null && <Alert type="warning">{text.oldestGoes(draft.managed.oldest)}</Alert>}
      {draft.replaced !== null && <Document label={text.statementNow} text={draft.replaced} />}
      <Document label={text.newText(nameOf(change))} text={draft.after} />
    </SpaceBetween>
  )
}

type NamedChange = Exclude<PolicyChange, { kind: 'key policy' }>

function whatChanges(change: NamedChange, { before }: Draft): string {
  if (change.kind === 'managed policy') return text.managedPolicy(nameOf(change))
  const { kind, owner, name } = change.policy
  return before === null ? text.newPolicy(name, kind, owner) : text.changedPolicy(name, kind, owner)
}

function nameOf(change: NamedChange): string {
  return change.kind === 'inline policy' ? change.policy.name : (change.remedy.policy.name ?? change.kind)
}

function Document({ label, text: document }: { readonly label: string; readonly text: string }) {
  return (
    <div>
      <Box variant="h3">{label}</Box>
      <Box variant="code">
        <pre className="document" tabIndex={0} aria-label={label}>
          {document}
        </pre>
      </Box>
    </div>
  )
}
