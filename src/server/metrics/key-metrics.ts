import { setImmediate } from 'node:timers/promises'
import type { OpenRegion } from '../regions/open-region.ts'
import { gauge, type Family, type Sample } from './families.ts'
import type { KeyTally } from './key-tally.ts'

/** Keys that cannot go on are counted up to so many in a Region: one is too many already. */
const HALTED = 1000

/** How many keys there are in which state. Absent for a Region whose keys are still being counted. */
export async function keyCounts(tallies: Iterable<KeyTally>): Promise<readonly Family[]> {
  const keys: Sample[] = []
  const waiting: Sample[] = []
  for (const tally of tallies) {
    const { region } = tally
    const counts = await tally.counts()
    if (counts === null) continue
    for (const [state, value] of counts.states) keys.push({ labels: { region, state }, value })
    waiting.push({ labels: { region }, value: counts.waitingRotations })
  }
  return [
    gauge('keyspan_keys', 'Keys by their state, those of every account together.', keys),
    gauge('keyspan_rotations_waiting', 'Keys whose next material waits for all Regions to hold it.', waiting),
  ]
}

/** What time brings next, and what cannot go on. */
export async function keyDeadlines(regions: readonly OpenRegion[], now: number): Promise<readonly Family[]> {
  const deletion: Sample[] = []
  const rotation: Sample[] = []
  const expiry: Sample[] = []
  const halted: Sample[] = []
  for (const { region, store } of regions) {
    const labels = { region }
    const first = await store.reads.nextDeadlines()
    if (first.deletion !== null) deletion.push({ labels, value: (first.deletion - now) / 1000 })
    if (first.rotation !== null) rotation.push({ labels, value: (first.rotation - now) / 1000 })
    if (first.expiry !== null) expiry.push({ labels, value: (first.expiry - now) / 1000 })
    halted.push({ labels, value: (await store.reads.haltedKeys({ after: null, limit: HALTED })).length })
    await setImmediate()
  }
  return [
    gauge('keyspan_seconds_until_key_deletion', 'Until the first key of a Region is deleted.', deletion),
    gauge('keyspan_seconds_until_key_rotation', 'Until the first key of a Region rotates by itself.', rotation),
    gauge('keyspan_seconds_until_key_material_expiration', 'Until the first imported material expires.', expiry),
    gauge('keyspan_keys_halted', `Keys that wait for an operator, at most ${HALTED} in a Region.`, halted),
  ]
}
