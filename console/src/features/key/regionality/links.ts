import type { FamilyMember, KeyFamily } from '../../../api/family.ts'

/** What passes between a primary and one of the others. */
export interface FamilyLink {
  readonly from: string
  readonly to: string
  /** `moving` where something is on its way, `held` where it cannot pass. */
  readonly state: 'calm' | 'moving' | 'held'
  /** How many messages there are towards `to`, and back. */
  readonly there: number
  readonly back: number
}

/** The Region from which a family is led; null where none is. */
export function leadOf({ Members }: Pick<KeyFamily, 'Members'>): FamilyMember | null {
  // While the authority moves there may be two: the one that has it.
  return Members.find(({ Role }) => Role === 'PRIMARY') ?? Members.find(({ Role }) => Role === 'HANDING_OFF') ?? null
}

/** The links between the primary and the others. */
export function linksOf(family: KeyFamily): readonly FamilyLink[] {
  const lead = leadOf(family)
  if (lead === null) return []
  const from = lead.Region
  return family.Members.filter(({ Region }) => Region !== from).map(({ Region: to }) => {
    const between = family.Unheard.filter((each) => isBetween(each, from, to))
    const count = (region: string) => between.find(({ To }) => To === region)?.Messages ?? 0
    const isWaited = family.Waits.some(
      ({ Region, For, What }) =>
        What !== 'DELETION' &&
        What !== 'IMPORT' &&
        (Region === from ? For.includes(to) : Region === to && For.includes(from)),
    )
    const isHeld = between.some(({ Connected }) => !Connected)
    const state = isHeld ? 'held' : between.length > 0 || isWaited ? 'moving' : 'calm'
    return { from, to, state, there: count(to), back: count(from) }
  })
}

function isBetween({ From, To }: { readonly From: string; readonly To: string }, a: string, b: string): boolean {
  return (From === a && To === b) || (From === b && To === a)
}

/** The Regions of a family: the one that leads, then the others by their names. */
export function inOrder(family: KeyFamily): readonly FamilyMember[] {
  const lead = leadOf(family)
  const others = family.Members.filter((member) => member !== lead)
  const sorted = others.toSorted((a, b) => a.Region.localeCompare(b.Region))
  return lead === null ? sorted : [lead, ...sorted]
}

/** Whether something moves by itself, so that it is worth looking again. */
export function isMoving({ Unheard, Waits }: KeyFamily): boolean {
  return Unheard.length > 0 || Waits.some(({ What }) => What !== 'DELETION' && What !== 'IMPORT' && What !== 'UPGRADE')
}
