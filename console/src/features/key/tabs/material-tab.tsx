import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import type { KeyMetadata, Rotation } from '../../../api/kms.ts'
import { Moment } from '../../../parts/moment.tsx'
import { words } from '../../../words/en.ts'
import { ConfirmChange } from '../confirm-change.tsx'
import { ImportDialog } from '../material/import-dialog.tsx'
import { MaterialTable } from '../material/material-table.tsx'

const text = words.key.material

/** What is asked for: an import, or a deletion of a material; of the only one where none is named. */
interface Asked {
  readonly what: 'import' | 'delete'
  readonly material: Rotation | null
}

/** What a key is made of, and what of it was imported. */
export function MaterialTab({ keyMetadata: key }: { readonly keyMetadata: KeyMetadata }) {
  const [asked, setAsked] = useState<Asked | null>(null)
  const onDone = (): void => setAsked(null)
  const id = asked?.material?.KeyMaterialId
  return (
    <>
      {key.KeySpec === 'SYMMETRIC_DEFAULT' ? (
        <MaterialTable keyMetadata={key} onAsk={(what, material) => setAsked({ what, material })} />
      ) : (
        <OnlyMaterial keyMetadata={key} onAsk={(what) => setAsked({ what, material: null })} />
      )}
      {asked?.what === 'import' && (
        <ImportDialog keyMetadata={key} title={text.import} which={whichOf(key, id)} onDone={onDone} />
      )}
      {asked?.what === 'delete' && (
        <ConfirmChange
          title={text.delete}
          operation="DeleteImportedKeyMaterial"
          input={{ KeyId: key.KeyId, KeyMaterialId: id }}
          done={text.deleted}
          onDone={onDone}
        >
          {text.deleteAbout}
        </ConfirmChange>
      )}
    </>
  )
}

/** Material that a key has had is told by its id; that it has not had is the first, or new. */
function whichOf({ KeySpec, CurrentKeyMaterialId }: KeyMetadata, id: string | undefined): object {
  if (KeySpec !== 'SYMMETRIC_DEFAULT') return {}
  if (id !== undefined) return { ImportType: 'EXISTING_KEY_MATERIAL', KeyMaterialId: id }
  return CurrentKeyMaterialId === undefined ? {} : { ImportType: 'NEW_KEY_MATERIAL' }
}

interface OnlyMaterialProps {
  readonly keyMetadata: KeyMetadata
  readonly onAsk: (what: Asked['what']) => void
}

/** Of a key that has one material for its whole life. */
function OnlyMaterial({ keyMetadata: { ExpirationModel, ValidTo }, onAsk }: OnlyMaterialProps) {
  const isHere = ExpirationModel !== undefined
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button disabled={!isHere} onClick={() => onAsk('delete')}>
                {text.delete}
              </Button>
              <Button variant="primary" onClick={() => onAsk('import')}>
                {text.import}
              </Button>
            </SpaceBetween>
          }
        >
          {text.title}
        </Header>
      }
    >
      <KeyValuePairs
        minColumnWidth={190}
        columns={2}
        items={[
          { label: text.importState, value: text.importStates[isHere ? 'IMPORTED' : 'PENDING_IMPORT'] },
          { label: text.expires, value: ValidTo === undefined ? '-' : <Moment seconds={ValidTo} /> },
        ]}
      />
    </Container>
  )
}
