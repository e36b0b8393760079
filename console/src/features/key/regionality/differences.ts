import type { KeyFamily } from '../../../api/family.ts'
import { leadOf } from './links.ts'

/** One property of a Region that is otherwise than in the primary. */
export interface Differing {
  readonly name: string
  readonly there: string
  readonly here: string
}

/** What a Region has that differs from the primary, but for its role; null where one of them has no key. */
export function differencesOf(family: KeyFamily, region: string): readonly Differing[] | null {
  const there = family.Regions.indexOf(leadOf(family)?.Region ?? '')
  const here = family.Regions.indexOf(region)
  if (there < 0 || here < 0) return null
  return family.Properties.flatMap(({ Name, Values }) => {
    const [first = '', second = ''] = [Values[there], Values[here]]
    return Name === 'role' || first === second ? [] : [{ name: Name, there: first, here: second }]
  })
}
