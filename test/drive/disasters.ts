import { UpdatePrimaryRegionCommand } from '@aws-sdk/client-kms'
import { decrypt, describe } from './calls.ts'
import { clientAt, type DrivenKey, type World } from './world.ts'

/**
 * What nobody can say any more of a Region that is put back: what it was told, what it alone rotated, and what it alone
 * could decrypt. What any other Region opens now must be opened for ever.
 */
export async function expectPutBack(world: World, at: number): Promise<void> {
  const kept = []
  for (const sealed of world.sealed) {
    const key = world.keys[sealed.key]
    if (!key?.told.has(at) || (await opensElsewhere(world, key, sealed, at))) kept.push(sealed)
  }
  world.sealed.splice(0, world.sealed.length, ...kept)
  for (const key of world.keys) {
    if (!key?.told.has(at)) continue
    key.told.set(at, { enabled: undefined, scheduled: undefined })
    key.maybeRotations += key.rotations
    key.rotations = 0
  }
  world.putBack.add(at)
}

async function opensElsewhere(
  world: World,
  key: DrivenKey,
  sealed: World['sealed'][number],
  at: number,
): Promise<boolean> {
  for (const other of key.told.keys()) {
    if (other !== at && (await decrypt(world, sealed, other, true)) === 'ok') return true
  }
  return false
}

/**
 * Says whether a Region that calls itself the primary of a key may do what only a primary may: one that was put back
 * believes it until it is told. Nothing is changed by it.
 */
export async function mayActAsPrimary(world: World, key: DrivenKey, at: number): Promise<boolean> {
  const asked = new UpdatePrimaryRegionCommand({ KeyId: key.id, PrimaryRegion: world.regions[at] })
  const name = await clientAt(world, at)
    .send(asked)
    .then(
      () => '',
      (error: unknown) => (error as Error).name,
    )
  return name !== 'KMSInvalidStateException'
}

/** Gives keys another primary whose own was in a Region that has forgotten them: an operator would. */
export async function rescue(world: World): Promise<void> {
  for (const key of world.keys) {
    if (key === null) continue
    const found = await Promise.all([...world.regions.keys()].map((at) => describe(world, key.id, at)))
    const [to] = [...found.keys()].filter((at) => found[at]?.KeyState === 'Enabled')
    const named = to === undefined ? undefined : found[to]?.MultiRegionConfiguration?.PrimaryKey
    const destroyed = world.regions.indexOf(named?.Region ?? '')
    if (to === undefined || destroyed < 0 || found[destroyed] !== null) continue
    await world.house.force(named?.Arn ?? '', world.regions[to] ?? '', named?.Region ?? '').catch(() => {})
  }
}
