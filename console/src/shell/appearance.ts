import { applyMode, Mode } from '@cloudscape-design/global-styles'
import { useState } from 'react'

/** How the console looks: as the system says, or as was chosen. */
export type Appearance = 'system' | 'light' | 'dark'

const PLACE = 'keyspan.appearance'
const isDark = window.matchMedia('(prefers-color-scheme: dark)')

function chosen(): Appearance {
  const text = localStorage.getItem(PLACE)
  return text === 'light' || text === 'dark' ? text : 'system'
}

function apply(appearance: Appearance): void {
  const dark = appearance === 'dark' || (appearance === 'system' && isDark.matches)
  applyMode(dark ? Mode.Dark : Mode.Light)
}

/** Applies what was chosen, and follows the system where nothing was. */
export function followAppearance(): void {
  apply(chosen())
  isDark.addEventListener('change', () => apply(chosen()))
}

/** What is chosen, and how to choose. */
export function useAppearance(): readonly [Appearance, (appearance: Appearance) => void] {
  const [appearance, setAppearance] = useState(chosen)
  return [
    appearance,
    (next) => {
      localStorage.setItem(PLACE, next)
      apply(next)
      setAppearance(next)
    },
  ]
}
