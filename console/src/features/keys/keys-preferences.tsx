import CollectionPreferences, {
  type CollectionPreferencesProps,
} from '@cloudscape-design/components/collection-preferences'
import { words } from '../../words/en.ts'
import { COLUMNS } from './columns.tsx'

interface KeysPreferencesProps {
  readonly preferences: CollectionPreferencesProps.Preferences
  readonly onConfirm: (preferences: CollectionPreferencesProps.Preferences) => void
}

const PAGE_SIZES = [10, 20, 50, 100]
const text = words.keys

/** How many keys are on a page, and what is told of each. */
export function KeysPreferences({ preferences, onConfirm }: KeysPreferencesProps) {
  return (
    <CollectionPreferences
      title={text.preferences}
      confirmLabel={text.confirm}
      cancelLabel={text.cancel}
      preferences={preferences}
      onConfirm={({ detail }) => onConfirm(detail)}
      pageSizePreference={{
        title: text.pageSize,
        options: PAGE_SIZES.map((value) => ({ value, label: String(value) })),
      }}
      visibleContentPreference={{
        title: text.columns,
        options: [{ label: text.shownColumns, options: COLUMNS.map(({ id, header }) => ({ id, label: header })) }],
      }}
    />
  )
}
