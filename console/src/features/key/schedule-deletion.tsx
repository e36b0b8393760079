import Alert from '@cloudscape-design/components/alert'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import { useState } from 'react'
import type { KeyMetadata } from '../../api/kms.ts'
import { ErrorAlert } from '../../parts/error-alert.tsx'
import { LastUsed } from '../../parts/key-actions/last-used.tsx'
import { useDependants } from '../../parts/key-actions/use-dependants.ts'
import { isDeletionReady, NO_DELETION, WaitingPeriod } from '../../parts/key-actions/waiting-period.tsx'
import { words } from '../../words/en.ts'
import { ConfirmChange } from './confirm-change.tsx'
import { useKeyList } from './use-key.ts'

const text = words.keyDeletion

interface ScheduleDeletionProps {
  readonly keyMetadata: KeyMetadata
  readonly onDone: () => void
}

/** Says what a deletion waits for and who misses the key, and asks for the waiting period. */
export function ScheduleDeletion({ keyMetadata: key, onDone }: ScheduleDeletionProps) {
  const [draft, setDraft] = useState(NO_DELETION)
  const replicas =
    key.MultiRegionConfiguration?.MultiRegionKeyType === 'PRIMARY' ? key.MultiRegionConfiguration.ReplicaKeys : []
  return (
    <ConfirmChange
      title={words.keyActions.schedule}
      operation="ScheduleKeyDeletion"
      input={{ KeyId: key.KeyId, PendingWindowInDays: Number(draft.days) }}
      done={words.keyActions.done.schedule}
      isReady={isDeletionReady(draft)}
      onDone={onDone}
    >
      {replicas.length > 0 && (
        <Alert type="info" header={text.replicasFirst}>
          {text.replicasWait(replicas.map(({ Region }) => Region).join(', '))}
        </Alert>
      )}
      <WhoMissesIt keyId={key.KeyId} />
      <WaitingPeriod draft={draft} onChange={setDraft} />
    </ConfirmChange>
  )
}

function WhoMissesIt({ keyId }: { readonly keyId: string }) {
  const { data, error } = useDependants(keyId)
  const aliases = useKeyList('ListAliases', keyId)
  if (error !== null) return <ErrorAlert error={error} />
  if (data === undefined) return null
  const names = aliases.items.map(({ AliasName }) => AliasName.replace(/^alias\//, ''))
  const grantees = new Set(
    data.grants.flatMap(
      ({ GranteePrincipal, GranteeServicePrincipal }) => GranteePrincipal ?? GranteeServicePrincipal ?? [],
    ),
  )
  return (
    <KeyValuePairs
      minColumnWidth={190}
      columns={1}
      items={[
        { label: text.lastUsed, value: <LastUsed usage={data.usage} /> },
        { label: words.key.aliases.title, value: names.join(', ') || '-' },
        {
          label: words.key.grants.title,
          value: grantees.size === 0 ? '-' : text.grantees([...grantees], data.grants.length, data.hasMoreGrants),
        },
      ]}
    />
  )
}
