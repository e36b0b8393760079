import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import { words } from '../words/en.ts'

const TYPES: Readonly<Record<string, StatusIndicatorProps.Type>> = {
  Enabled: 'success',
  Disabled: 'stopped',
  PendingDeletion: 'warning',
  PendingReplicaDeletion: 'warning',
  PendingImport: 'pending',
  Creating: 'in-progress',
  Updating: 'in-progress',
  Unavailable: 'error',
}

/** A key's state, by its name and colour. */
export function KeyState({ state }: { readonly state: string }) {
  return <StatusIndicator type={TYPES[state] ?? 'info'}>{words.states[state] ?? state}</StatusIndicator>
}
