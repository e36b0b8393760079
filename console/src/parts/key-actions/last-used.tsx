import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { KeyLastUsage } from '../../api/kms.ts'
import { words } from '../../words/en.ts'
import { Moment } from '../moment.tsx'

/** Whoever has used a key since may use it again, in seconds. */
const RECENT_SECONDS = 30 * 86_400
const text = words.keyDeletion

/** When a key was last used in this Region, and by which operation; or since when it was not. */
export function LastUsed({ usage: { KeyLastUsage: use, TrackingStartDate } }: { readonly usage: KeyLastUsage }) {
  if (use.Timestamp === undefined) {
    return (
      <>
        {text.notUsedSince} <Moment seconds={TrackingStartDate} />
      </>
    )
  }
  const isRecent = Date.now() / 1000 - use.Timestamp < RECENT_SECONDS
  return (
    <StatusIndicator type={isRecent ? 'warning' : 'info'}>
      {use.Operation}, <Moment seconds={use.Timestamp} />
    </StatusIndicator>
  )
}
