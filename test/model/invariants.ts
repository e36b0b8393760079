import { awaitsImport, holds, isPermanent } from '../../src/domain/imports.ts'
import { currentGeneration, stagedMaterial, type KeyRecord } from '../../src/domain/key.ts'
import { compareIncarnations, roleOf } from '../../src/domain/multi-region.ts'
import type { Seat } from '../../src/replication/governing.ts'
import { isUnsettled } from '../../src/replication/seat.ts'

/** What must be true in every state, by name. `used` are the materials that ever encrypted anything. */
export const STATE_INVARIANTS: Readonly<Record<string, (seats: readonly Seat[], used: readonly string[]) => boolean>> =
  {
    'there are never two primaries': (seats) =>
      keysOf(seats).filter((key) => key.family !== null && roleOf(key.family) === 'PRIMARY').length <= 1,

    'what one Region encrypts, every Region in use decrypts': (seats, used) =>
      // Whoever deletes imported material in one Region learns later that it was needed.
      seats.some(({ key }) => hasLost(key)) || inUse(seats).every((key) => used.every((id) => holds(key, id))),

    'no two materials share a generation': (seats) => {
      const ids = new Map<number, string>()
      const generated = settledKeysOf(seats).filter(({ imports }) => imports === undefined)
      return generated.every((key) =>
        key.materials.every(({ id, generation }) => {
          const known = ids.get(generation) ?? id
          ids.set(generation, known)
          return known === id
        }),
      )
    },

    'a Region in use has a material to encrypt with': (seats) => inUse(seats).every((key) => key.current !== null),

    'a primary whose deletion runs has no replica': (seats) =>
      keysOf(seats).every((key) => {
        const members = Object.keys(key.family?.authority?.members ?? {})
        return key.deletion === null || key.deletion.at === null || members.length === 0
      }),
  }

/** What must be true of every step of one Region, by name. */
export const STEP_INVARIANTS: Readonly<Record<string, (before: Seat, after: Seat) => boolean>> = {
  'an epoch never goes back': ({ key: was }, { key: is }) =>
    was?.family == null || is?.family == null || is.family.epoch >= was.family.epoch,

  'the material in use never goes back': ({ key: was }, { key: is }) =>
    was === null || is === null || currentGeneration(is) >= currentGeneration(was),

  'no material is ever dropped that was or can have been used': ({ key: was }, { key: is }) =>
    was === null ||
    is === null ||
    was.materials
      .filter((old) => was.imports === undefined || isPermanent(was, old))
      .every((old) => is.materials.some((material) => material.id === old.id)),

  'what a Region says of its imports is never forgotten for what it said before': ({ key: was }, { key: is }) => {
    const before = was?.family?.authority?.members ?? {}
    return Object.entries(is?.family?.authority?.members ?? {}).every(([region, { incarnation, imports }]) => {
      const member = before[region]
      const isSameLife = member !== undefined && compareIncarnations(member.incarnation, incarnation) === 0
      // One that was put back says it anew.
      const isDistrusted = imports === undefined && member?.revision !== 0
      return !isSameLife || isDistrusted || (imports?.revision ?? -1) >= (member.imports?.revision ?? -1)
    })
  },

  'a Region never lives the same life twice': (before, { key }) => {
    if (before.key !== null || key?.family == null || before.tombstone === null) return true
    return compareIncarnations(key.family.incarnation, before.tombstone.last) > 0
  },
}

/** What must be true once everything that was said has been heard, and what was not confirmed has been said again. */
export const SETTLED_INVARIANTS: Readonly<Record<string, (seats: readonly Seat[]) => boolean>> = {
  'a key that exists has exactly one primary': (seats) => {
    const keys = keysOf(seats)
    const primaries = keys.filter((key) => key.family !== null && roleOf(key.family) === 'PRIMARY')
    // What was lost before anybody else had it whole is lost.
    return !keys.some(({ family }) => family?.active === true) || primaries.length === 1
  },

  'every related key is known to the primary, in use, and has what the primary has': (seats) => {
    const primary = keysOf(seats).find((key) => key.family?.authority != null)
    if (primary === undefined) return true
    const others = keysOf(seats).filter((key) => key !== primary)
    const members = Object.keys(primary.family?.authority?.members ?? {})
    const isSame = (key: KeyRecord) =>
      members.includes(key.region) && key.family?.active === true && key.materials.length === primary.materials.length
    return members.length === others.length && others.every(isSame)
  },

  'no hand-over of authority is left open': (seats) =>
    keysOf(seats).every(({ family }) => family?.authority?.handOff == null && family?.authority?.awaiting == null),

  'no rotation waits for anything but the end of a scheduled deletion': (seats) =>
    keysOf(seats).every(
      (key) =>
        key.imports !== undefined ||
        key.family?.authority == null ||
        key.deletion !== null ||
        key.materials.at(-1)?.id === key.current,
    ),

  'nobody waits for an answer that does not come': (seats) => keysOf(seats).every((key) => !isUnsettled(key)),

  'related keys share what their primary has': (seats) => {
    const primary = keysOf(seats).find((key) => key.family?.authority != null)
    const isSame = ({ rotation, current, family }: KeyRecord) =>
      current === primary?.current &&
      JSON.stringify(rotation) === JSON.stringify(primary?.rotation) &&
      family?.primaryRegion === primary?.region &&
      String(family?.replicaRegions) === String(primary?.family?.replicaRegions)
    return primary === undefined || keysOf(seats).every(isSame)
  },

  'related keys name the same imported materials, and the primary knows where each is': (seats) => {
    const imported = keysOf(seats).filter(({ imports }) => imports !== undefined)
    const primary = imported.find((key) => key.family?.authority != null)
    if (primary === undefined) return true
    const staged = stagedMaterial(primary)
    const members = primary.family?.authority?.members ?? {}
    const isKnown = (key: KeyRecord) =>
      key.current === primary.current &&
      namesOf(key) === namesOf(primary) &&
      (key === primary || isSame(members[key.region]?.imports?.held ?? [], Object.keys(key.imports?.held ?? {})))
    const isEverywhere = staged !== null && imported.every((key) => holds(key, staged.id))
    return imported.every(isKnown) && (staged?.importedEverywhere ?? false) === isEverywhere
  },
}

function namesOf({ materials }: KeyRecord): string {
  return JSON.stringify(materials)
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return String(some.toSorted()) === String(others.toSorted())
}

/** Says whether imported material was ever taken out of a Region. */
function hasLost(key: KeyRecord | null): boolean {
  return key?.imports !== undefined && Object.keys(key.imports.held).length < key.imports.revision
}

function keysOf(seats: readonly Seat[]): readonly KeyRecord[] {
  return seats.flatMap(({ key }) => (key === null ? [] : [key]))
}

/** Those of Regions that know what they have done. */
function settledKeysOf(seats: readonly Seat[]): readonly KeyRecord[] {
  return keysOf(seats).filter(({ family }) => family?.recovery === undefined)
}

/** Keys that may encrypt and decrypt, whether or not somebody has disabled them for now. */
function inUse(seats: readonly Seat[]): readonly KeyRecord[] {
  return settledKeysOf(seats).filter((key) => key.family?.active === true && !awaitsImport(key))
}
