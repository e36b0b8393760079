import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import { useState } from 'react'
import type { KeyMetadata, Rotation, RotationStatus } from '../../../api/kms.ts'
import { Empty } from '../../../parts/empty.tsx'
import { ErrorAlert } from '../../../parts/error-alert.tsx'
import { More } from '../../../parts/more.tsx'
import { Moment } from '../../../parts/moment.tsx'
import { words } from '../../../words/en.ts'
import { ConfirmChange } from '../confirm-change.tsx'
import { useKeyList, useKeyRead } from '../use-key.ts'

/** How long the period of rotation is, in days (AWS KMS API Reference, EnableKeyRotation). */
const DAYS = { least: 90, most: 2560, first: 365 }
const text = words.key.rotation

type Asked = 'enable' | 'disable' | 'now'

/** When a key gets new material, by itself or now, and when it has. What is imported is rotated only when it is asked for. */
export function RotationTab({ keyMetadata: key }: { readonly keyMetadata: KeyMetadata }) {
  const { KeyId, Origin, MultiRegionConfiguration: family } = key
  const { data: status, error } = useRotationStatus(KeyId)
  const [asked, setAsked] = useState<Asked | null>(null)
  const isReplica = family?.MultiRegionKeyType === 'REPLICA'
  const mayRotate = key.KeyManager === 'CUSTOMER' && !isReplica
  return (
    <SpaceBetween size="l">
      {isReplica && <Alert type="info">{text.ofPrimary(family.PrimaryKey.Region)}</Alert>}
      {Origin !== 'EXTERNAL' && (
        <Container header={<AutomaticHeader status={status} mayRotate={mayRotate} onAsk={setAsked} />}>
          {error === null ? <Status status={status} /> : <ErrorAlert error={error} />}
        </Container>
      )}
      <History keyId={KeyId} status={status} onRotate={mayRotate ? () => setAsked('now') : null} />
      {asked !== null && <RotationDialog keyId={KeyId} status={status} asked={asked} onDone={() => setAsked(null)} />}
    </SpaceBetween>
  )
}

/** How a key is rotated; looked at again while a rotation is under way. */
function useRotationStatus(KeyId: string) {
  return useKeyRead('GetKeyRotationStatus', KeyId, {}, (status) => status?.OnDemandRotationStartDate !== undefined)
}

interface AutomaticHeaderProps {
  readonly status: RotationStatus | undefined
  readonly mayRotate: boolean
  readonly onAsk: (asked: Asked) => void
}

function AutomaticHeader({ status, mayRotate, onAsk }: AutomaticHeaderProps) {
  return (
    <Header
      variant="h2"
      actions={
        mayRotate && (
          <SpaceBetween direction="horizontal" size="xs">
            {status?.KeyRotationEnabled === true && <Button onClick={() => onAsk('disable')}>{text.disable}</Button>}
            <Button onClick={() => onAsk('enable')}>{text.enable}</Button>
          </SpaceBetween>
        )
      }
    >
      {text.automatic}
    </Header>
  )
}

interface RotationDialogProps {
  readonly keyId: string
  readonly status: RotationStatus | undefined
  readonly asked: Asked
  readonly onDone: () => void
}

function RotationDialog({ keyId, status, asked, onDone }: RotationDialogProps) {
  if (asked === 'enable') return <EnableRotation keyId={keyId} status={status} onDone={onDone} />
  const isNow = asked === 'now'
  return (
    <ConfirmChange
      title={isNow ? text.now : text.disable}
      operation={isNow ? 'RotateKeyOnDemand' : 'DisableKeyRotation'}
      input={{ KeyId: keyId }}
      done={isNow ? text.rotated : text.disabled}
      onDone={onDone}
    >
      {isNow ? text.nowAbout : text.disableAbout}
    </ConfirmChange>
  )
}

interface HistoryProps {
  readonly keyId: string
  readonly status: RotationStatus | undefined
  /** Null where the key is not rotated here. */
  readonly onRotate: (() => void) | null
}

function History({ keyId, status, onRotate }: HistoryProps) {
  const listing = useKeyList('ListKeyRotations', keyId)
  const since = status?.OnDemandRotationStartDate
  return (
    <Table<Rotation>
      items={listing.items}
      loading={listing.isPending}
      loadingText={text.history}
      empty={<Empty title={text.none} description={text.noneText} />}
      columnDefinitions={COLUMNS}
      footer={<More listing={listing} />}
      header={
        <Header
          variant="h2"
          counter={listing.counter}
          description={
            since !== undefined && (
              <StatusIndicator type="in-progress">
                {text.underway} <Moment seconds={since} />
              </StatusIndicator>
            )
          }
          actions={
            onRotate !== null && (
              <Button disabled={since !== undefined} onClick={onRotate}>
                {text.now}
              </Button>
            )
          }
        >
          {text.history}
        </Header>
      }
    />
  )
}

const COLUMNS: readonly TableProps.ColumnDefinition<Rotation>[] = [
  {
    id: 'date',
    header: text.date,
    cell: ({ RotationDate }) => (RotationDate === undefined ? '-' : <Moment seconds={RotationDate} />),
  },
  { id: 'type', header: text.type, cell: ({ RotationType }) => words.rotationTypes[RotationType ?? ''] ?? '-' },
  { id: 'material', header: text.material, cell: ({ KeyMaterialId }) => KeyMaterialId ?? '-', isRowHeader: true },
]

function Status({ status }: { readonly status: RotationStatus | undefined }) {
  if (status === undefined) return null
  const { KeyRotationEnabled, RotationPeriodInDays, NextRotationDate } = status
  return (
    <KeyValuePairs
      minColumnWidth={190}
      columns={3}
      items={[
        { label: text.automatic, value: KeyRotationEnabled ? text.on : text.off },
        { label: text.period, value: RotationPeriodInDays === undefined ? '-' : text.days(RotationPeriodInDays) },
        { label: text.next, value: NextRotationDate === undefined ? '-' : <Moment seconds={NextRotationDate} /> },
      ]}
    />
  )
}

interface EnableRotationProps {
  readonly keyId: string
  readonly status: RotationStatus | undefined
  readonly onDone: () => void
}

function EnableRotation({ keyId, status, onDone }: EnableRotationProps) {
  const [days, setDays] = useState(String(status?.RotationPeriodInDays ?? DAYS.first))
  const number = Number(days)
  const isInRange = Number.isInteger(number) && number >= DAYS.least && number <= DAYS.most
  const range = text.range(DAYS.least, DAYS.most)
  return (
    <ConfirmChange
      title={text.enable}
      operation="EnableKeyRotation"
      input={{ KeyId: keyId, RotationPeriodInDays: number }}
      done={text.enabled}
      isReady={isInRange}
      onDone={onDone}
    >
      <FormField label={text.period} constraintText={range} errorText={isInRange ? null : range}>
        <Input type="number" value={days} onChange={({ detail }) => setDays(detail.value)} />
      </FormField>
    </ConfirmChange>
  )
}
