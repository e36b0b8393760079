import { family } from '../../../../words/family.ts'
import { LinkLine } from './link-line.tsx'
import { Sign, type SignKind } from './sign.tsx'

const text = family.map

const SIGNS: readonly (readonly [string, boolean, SignKind])[] = [
  [text.primary, true, 'in-use'],
  [text.replica, false, 'in-use'],
  [text.coming, false, 'coming'],
  [text.idle, false, 'idle'],
  [text.leaving, false, 'leaving'],
]

/** What the signs of the map mean. */
export function Legend() {
  return (
    <ul className="family-legend" aria-label={text.legend}>
      {SIGNS.map(([name, isPrimary, kind]) => (
        <li key={name}>
          <svg className="family-map" width={22} height={22} aria-hidden="true">
            <Sign at={{ x: 11, y: 11 }} isPrimary={isPrimary} kind={kind} />
          </svg>
          {name}
        </li>
      ))}
      {(['calm', 'moving', 'held'] as const).map((state) => (
        <li key={state}>
          <svg className="family-map" width={64} height={24} aria-hidden="true">
            <LinkLine link={{ state, there: 1, back: 0 }} from={{ x: 2, y: 22 }} to={{ x: 62, y: 22 }} />
          </svg>
          {text[state]}
        </li>
      ))}
    </ul>
  )
}
