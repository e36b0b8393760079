import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import { useState } from 'react'
import type { KeyMetadata, Rotation, RotationStatus } from '../../../api/kms.ts'
import { Empty } from '../../../parts/empty.tsx'
import { ErrorAlert } from '../../../parts/error-alert.tsx'
import { Moment } from '../../../parts/moment.tsx'
import { words } from '../../../words/en.ts'
import { ConfirmChange } from '../confirm-change.tsx'
import { useKeyRead } from '../use-key.ts'

/** How long the period of rotation is, in days (AWS KMS API Reference, EnableKeyRotation). */
const DAYS = { least: 90, most: 2560, first: 365 }
const text = words.key.rotation

/** When a key gets new material, by itself or now, and when it has. */
export function RotationTab({ keyMetadata: { KeyId } }: { readonly keyMetadata: KeyMetadata }) {
  const { data: status, error } = useKeyRead('GetKeyRotationStatus', KeyId)
  const [asked, setAsked] = useState<'enable' | 'disable' | 'now' | null>(null)
  const onDone = (): void => setAsked(null)
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                {status?.KeyRotationEnabled === true && (
                  <Button onClick={() => setAsked('disable')}>{text.disable}</Button>
                )}
                <Button onClick={() => setAsked('enable')}>{text.enable}</Button>
              </SpaceBetween>
            }
          >
            {text.automatic}
          </Header>
        }
      >
        {error === null ? <Status status={status} /> : <ErrorAlert error={error} />}
      </Container>
      <History keyId={KeyId} onRotate={() => setAsked('now')} />
      {asked === 'enable' && <EnableRotation keyId={KeyId} status={status} onDone={onDone} />}
      {asked === 'disable' && (
        <ConfirmChange
          title={text.disable}
          operation="DisableKeyRotation"
          input={{ KeyId }}
          done={text.disabled}
          onDone={onDone}
        >
          {text.disableAbout}
        </ConfirmChange>
      )}
      {asked === 'now' && (
        <ConfirmChange
          title={text.now}
          operation="RotateKeyOnDemand"
          input={{ KeyId }}
          done={text.rotated}
          onDone={onDone}
        >
          {text.nowAbout}
        </ConfirmChange>
      )}
    </SpaceBetween>
  )
}

interface HistoryProps {
  readonly keyId: string
  readonly onRotate: () => void
}

function History({ keyId, onRotate }: HistoryProps) {
  const { data, isPending } = useKeyRead('ListKeyRotations', keyId)
  return (
    <Table<Rotation>
      items={data?.Rotations ?? []}
      loading={isPending}
      loadingText={text.history}
      empty={<Empty title={text.none} description={text.noneText} />}
      columnDefinitions={[
        {
          id: 'date',
          header: text.date,
          cell: ({ RotationDate }) => (RotationDate === undefined ? '-' : <Moment seconds={RotationDate} />),
        },
        { id: 'type', header: text.type, cell: ({ RotationType }) => words.rotationTypes[RotationType ?? ''] ?? '-' },
        {
          id: 'material',
          header: text.material,
          cell: ({ KeyMaterialId }) => KeyMaterialId ?? '-',
          isRowHeader: true,
        },
      ]}
      header={
        <Header variant="h2" actions={<Button onClick={onRotate}>{text.now}</Button>}>
          {text.history}
        </Header>
      }
    />
  )
}

function Status({ status }: { readonly status: RotationStatus | undefined }) {
  if (status === undefined) return null
  const { KeyRotationEnabled, RotationPeriodInDays, NextRotationDate } = status
  return (
    <KeyValuePairs
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
