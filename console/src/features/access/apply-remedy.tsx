import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Confirm } from '../../parts/confirm.tsx'
import { PolicyEffect } from '../../parts/policy/policy-effect.tsx'
import { tell } from '../../shell/notifications.ts'
import { useAsking } from '../../shell/place.ts'
import { words } from '../../words/en.ts'
import { apply, draftOf, type Draft, type RemedyChange } from './remedy-change.ts'

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
    mutationFn: () => apply(asking, change, draft.data ?? undefined),
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
      <>
        <PolicyEffect keyArn={change.keyArn} policy={draft.after} />
        <Document label={text.newKeyPolicy} text={draft.after} />
      </>
    )
  }
  const { kind, owner, name } = change.policy
  return (
    <>
      <Alert type="info">
        {draft.before === null ? text.newPolicy(name, kind, owner) : text.changedPolicy(name, kind, owner)}
      </Alert>
      <Document label={name} text={draft.after} />
    </>
  )
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
