import { generateMaterial, materialId } from '../crypto/material.ts'
import { DAY_MS } from '../domain/limits.ts'
import type { KeyRecord } from '../domain/key.ts'
import type { Material, RotationType } from '../domain/material-id.ts'
import { scopeOf } from '../storage/vault.ts'
import { rotate } from './commands.ts'
import { activateStaged, isGoverning, type Seat, type Step } from './governing.ts'
import type { Brought } from './seat.ts'

/**
 * Brings a new material to a key.
 *
 * A key that is alone uses it at once; related keys first wait until every one of them holds it.
 */
export function startRotation(
  seat: Seat,
  type: RotationType,
  now: number,
  bytes = generateMaterial(),
): { step: Step; brought: Brought } {
  const { key } = seat
  if (key === null) throw new Error('INVARIANT: a key that rotates exists')
  const material: Material = {
    id: materialId(bytes, scopeOf(key), key.spec),
    generation: (key.materials.at(-1)?.generation ?? 0) + 1,
    rotation: null,
    requested: { at: now, type },
  }
  const counted: KeyRecord =
    type === 'ON_DEMAND'
      ? { ...key, onDemandRotations: key.onDemandRotations + 1 }
      : { ...key, rotation: key.rotation && { ...key.rotation, nextAt: nextRotation(key.rotation, now) } }
  const asked: Seat = { ...seat, key: counted }
  return {
    step: isGoverning(counted) ? rotate(asked, material, now) : rotateAlone(asked, counted, material, now),
    brought: new Map([[material.id, bytes]]),
  }
}

function rotateAlone(seat: Seat, key: KeyRecord, material: Material, now: number): Step {
  const staged = { ...key, materials: [...key.materials, material] }
  return { seat: { ...seat, key: activateStaged(staged, material, now) }, out: [] }
}

/** The schedule keeps its step: what was missed while the key was disabled is made up for once, not many times. */
function nextRotation({ nextAt, periodDays }: { nextAt: number; periodDays: number }, now: number): number {
  const period = periodDays * DAY_MS
  const missed = Math.max(0, Math.floor((now - nextAt) / period))
  return nextAt + (missed + 1) * period
}
