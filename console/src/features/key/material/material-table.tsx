import Button from '@cloudscape-design/components/button'
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import type { KeyMetadata, Rotation } from '../../../api/kms.ts'
import { Empty } from '../../../parts/empty.tsx'
import { ErrorAlert } from '../../../parts/error-alert.tsx'
import { More } from '../../../parts/more.tsx'
import { Moment } from '../../../parts/moment.tsx'
import { words } from '../../../words/en.ts'
import { useKeyList } from '../use-key.ts'

const text = words.key.material
const ALL = { IncludeKeyMaterial: 'ALL_KEY_MATERIAL' }

interface MaterialTableProps {
  readonly keyMetadata: KeyMetadata
  /** A material to import again or to delete; null for one that the key has not had. */
  readonly onAsk: (what: 'import' | 'delete', material: Rotation | null) => void
}

/** The materials that a symmetric encryption key has and has had, and the one that waits. */
export function MaterialTable({ keyMetadata: key, onAsk }: MaterialTableProps) {
  const listing = useKeyList('ListKeyRotations', key.KeyId, ALL)
  const isImported = key.Origin === 'EXTERNAL'
  const isReplica = key.MultiRegionConfiguration?.MultiRegionKeyType === 'REPLICA'
  if (listing.error !== null) return <ErrorAlert error={listing.error} />
  return (
    <Table<Rotation>
      items={listing.items}
      loading={listing.isPending}
      loadingText={text.title}
      empty={<Empty title={text.none} description={isReplica ? text.noneInReplica : text.noneText} />}
      columnDefinitions={isImported ? [...COLUMNS, ...IMPORTED_COLUMNS, actions(onAsk)] : COLUMNS}
      footer={<More listing={listing} />}
      header={
        <Header
          variant="h2"
          counter={listing.counter}
          description={isImported ? text.importedAbout : text.about}
          actions={
            isImported &&
            !isReplica && (
              <Button variant="primary" onClick={() => onAsk('import', null)}>
                {text.import}
              </Button>
            )
          }
        >
          {text.title}
        </Header>
      }
    />
  )
}

const COLUMNS: readonly TableProps.ColumnDefinition<Rotation>[] = [
  { id: 'id', header: text.id, cell: ({ KeyMaterialId }) => <MaterialId id={KeyMaterialId} />, isRowHeader: true },
  {
    id: 'state',
    header: text.state,
    cell: ({ KeyMaterialState = '' }) => text.states[KeyMaterialState] ?? (KeyMaterialState || '-'),
  },
  {
    id: 'date',
    header: words.key.rotation.date,
    cell: ({ RotationDate }) => (RotationDate === undefined ? '-' : <Moment seconds={RotationDate} />),
  },
]

const IMPORTED_COLUMNS: readonly TableProps.ColumnDefinition<Rotation>[] = [
  {
    id: 'import',
    header: text.importState,
    cell: ({ ImportState = '' }) => (
      <StatusIndicator type={ImportState === 'IMPORTED' ? 'success' : 'pending'}>
        {text.importStates[ImportState] ?? ImportState}
      </StatusIndicator>
    ),
  },
  { id: 'description', header: text.description, cell: ({ KeyMaterialDescription }) => KeyMaterialDescription ?? '-' },
  {
    id: 'expires',
    header: text.expires,
    cell: ({ ValidTo }) => (ValidTo === undefined ? '-' : <Moment seconds={ValidTo} />),
  },
]

function actions(onAsk: MaterialTableProps['onAsk']): TableProps.ColumnDefinition<Rotation> {
  return {
    id: 'actions',
    header: text.actions,
    minWidth: 170,
    cell: (material) => {
      const { KeyMaterialId = '', ImportState } = material
      return (
        <SpaceBetween direction="horizontal" size="xs">
          <Button
            variant="inline-link"
            ariaLabel={text.importOne(KeyMaterialId)}
            onClick={() => onAsk('import', material)}
          >
            {text.again}
          </Button>
          {ImportState === 'IMPORTED' && (
            <Button
              variant="inline-link"
              ariaLabel={text.deleteOne(KeyMaterialId)}
              onClick={() => onAsk('delete', material)}
            >
              {text.deleteShort}
            </Button>
          )}
        </SpaceBetween>
      )
    },
  }
}

/** How much of an id is shown: enough to tell materials of one key apart. */
const SHOWN = 12

function MaterialId({ id }: { readonly id: string | undefined }) {
  if (id === undefined) return '-'
  return (
    <CopyToClipboard
      variant="inline"
      textToDisplay={`${id.slice(0, SHOWN)}…`}
      textToCopy={id}
      copyButtonAriaLabel={text.copyId}
      copySuccessText={words.key.general.copied}
      copyErrorText={words.key.general.notCopied}
    />
  )
}
