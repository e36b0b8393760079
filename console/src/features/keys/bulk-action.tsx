import Box from '@cloudscape-design/components/box'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import { useState } from 'react'
import { Confirm } from '../../parts/confirm.tsx'
import { fits, type KeyAction } from '../../parts/key-actions/actions.ts'
import { LastUsed } from '../../parts/key-actions/last-used.tsx'
import { useDependants } from '../../parts/key-actions/use-dependants.ts'
import { isDeletionReady, NO_DELETION, WaitingPeriod } from '../../parts/key-actions/waiting-period.tsx'
import { KeyState } from '../../parts/key-state.tsx'
import { tell } from '../../shell/notifications.ts'
import { words } from '../../words/en.ts'
import { useBulk, type Outcomes } from './use-bulk.ts'
import type { DescribedKey } from './use-keys.ts'

const text = words.keys.bulk

interface BulkActionProps {
  readonly action: KeyAction
  /** Those that were selected when it was chosen. */
  readonly keys: readonly DescribedKey[]
  readonly onDone: () => void
}

/** Asks before something is done to several keys, and tells what became of each. */
export function BulkAction({ action, keys, onDone }: BulkActionProps) {
  const { run, isPending, outcomes } = useBulk(action)
  const [draft, setDraft] = useState(NO_DELETION)
  const title = words.keyActions[action]
  const fitting = keys.filter(({ metadata }) => fits(action, metadata.KeyState))
  const left = fitting.filter(({ id }) => outcomes.get(id) !== null)
  const isDeletion = action === 'schedule'
  const finish = (isAll: boolean): void => {
    if (!isAll) return
    tell(text.allDone(title, fitting.length))
    onDone()
  }
  const more = isDeletion ? { PendingWindowInDays: Number(draft.days) } : {}
  return (
    <Confirm
      title={title}
      size="large"
      error={null}
      isPending={isPending}
      isReady={left.length > 0 && (!isDeletion || isDeletionReady(draft))}
      onConfirm={() => run({ keys: left, more }, { onSuccess: finish })}
      onDismiss={onDone}
    >
      <Box>{isDeletion ? text.some(fitting.length, keys.length) : words.keyActions.about[action]}</Box>
      <Table<DescribedKey>
        variant="embedded"
        items={keys}
        trackBy="id"
        wrapLines
        columnDefinitions={[
          ...COLUMNS,
          ...(isDeletion ? DEPENDANTS : []),
          { id: 'outcome', header: text.outcome, minWidth: 140, cell: (key) => outcomeOf(key, fitting, outcomes) },
        ]}
      />
      {isDeletion && <WaitingPeriod draft={draft} onChange={setDraft} />}
    </Confirm>
  )
}

const COLUMNS: readonly TableProps.ColumnDefinition<DescribedKey>[] = [
  { id: 'key', header: words.keys.keyId, cell: ({ aliases, id }) => aliases[0] ?? id, isRowHeader: true },
  {
    id: 'state',
    header: words.keys.status,
    minWidth: 130,
    cell: ({ metadata }) => <KeyState state={metadata.KeyState} />,
  },
]

const DEPENDANTS: readonly TableProps.ColumnDefinition<DescribedKey>[] = [
  { id: 'used', header: words.keyDeletion.lastUsed, minWidth: 210, cell: ({ id }) => <Used keyId={id} /> },
  { id: 'grants', header: words.key.grants.title, cell: ({ id }) => <Grants keyId={id} /> },
  {
    id: 'replicas',
    header: words.regionality.replicas,
    cell: ({ metadata: { MultiRegionConfiguration: family } }) =>
      family?.MultiRegionKeyType === 'PRIMARY' ? family.ReplicaKeys.map(({ Region }) => Region).join(', ') || '-' : '-',
  },
]

function Used({ keyId }: { readonly keyId: string }) {
  const { data, error } = useDependants(keyId)
  if (error !== null) return error.message
  return data === undefined ? '-' : <LastUsed usage={data.usage} />
}

function Grants({ keyId }: { readonly keyId: string }) {
  const { data } = useDependants(keyId)
  return data === undefined ? '-' : `${data.grants.length}${data.hasMoreGrants ? '+' : ''}`
}

function outcomeOf({ id }: DescribedKey, fitting: readonly DescribedKey[], outcomes: Outcomes) {
  const refusal = outcomes.get(id)
  if (refusal === null) return <StatusIndicator type="success">{text.done}</StatusIndicator>
  if (refusal !== undefined) return <StatusIndicator type="error">{refusal}</StatusIndicator>
  return fitting.some((key) => key.id === id) ? (
    <StatusIndicator type="pending">{text.waiting}</StatusIndicator>
  ) : (
    <StatusIndicator type="stopped">{text.unfit}</StatusIndicator>
  )
}
