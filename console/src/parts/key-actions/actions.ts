import { words } from '../../words/en.ts'

/** What can be done to keys as a whole. */
export type KeyAction = 'enable' | 'disable' | 'schedule' | 'cancel'

/** The operation that each is. */
export const OPERATIONS = {
  enable: 'EnableKey',
  disable: 'DisableKey',
  schedule: 'ScheduleKeyDeletion',
  cancel: 'CancelKeyDeletion',
} as const

const WAITS_FOR_ITS_END = ['PendingDeletion', 'PendingReplicaDeletion']

const FITS: Readonly<Record<KeyAction, (state: string) => boolean>> = {
  enable: (state) => state === 'Disabled',
  disable: (state) => state === 'Enabled',
  schedule: (state) => !WAITS_FOR_ITS_END.includes(state),
  cancel: (state) => WAITS_FOR_ITS_END.includes(state),
}

/** Whether something can be done to a key in a state. */
export function fits(action: KeyAction, state: string): boolean {
  return FITS[action](state)
}

/** The menu of what can be done: of several keys, what can be done to one of them. */
export function actionItems(states: readonly string[]) {
  return (Object.keys(FITS) as KeyAction[]).map((id) => ({
    id,
    text: words.keyActions[id],
    disabled: !states.some((state) => fits(id, state)),
  }))
}
