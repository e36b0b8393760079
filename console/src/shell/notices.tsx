import Button from '@cloudscape-design/components/button'
import Flashbar, { type FlashbarProps } from '@cloudscape-design/components/flashbar'
import { useSystem } from '../parts/use-system.ts'
import { drillWords } from '../words/drills.ts'
import { words } from '../words/en.ts'
import { dismiss, useNotices } from './notifications.ts'
import { useGoTo, usePlace } from './place.ts'

/** What is told above every page: a drill for as long as it lasts, and what has happened. */
export function Notices() {
  const notices = useNotices()
  const drill = useDrillNotice()
  return (
    <Flashbar
      i18nStrings={{ ariaLabel: words.navigation.notices }}
      items={[
        ...drill,
        ...notices.map(({ id, text }) => ({
          id: String(id),
          type: 'success' as const,
          content: text,
          dismissible: true,
          dismissLabel: words.navigation.dismiss,
          onDismiss: () => dismiss(id),
        })),
      ]}
    />
  )
}

/** Whoever sees that something does not answer sees why. */
function useDrillNotice(): readonly FlashbarProps.MessageDefinition[] {
  const { data } = useSystem()
  const { page } = usePlace()
  const goTo = useGoTo()
  const faults = data?.Faults ?? []
  if (faults.length === 0) return []
  const action = page === 'drills' ? undefined : <Button onClick={() => goTo('drills')}>{drillWords.open}</Button>
  return [{ id: 'drill', type: 'warning', header: drillWords.underWay, content: faults.join(' '), action }]
}
