import { RotateKeyOnDemandCommand, UpdatePrimaryRegionCommand } from '@aws-sdk/client-kms'
import { decrypt, describe } from './calls.ts'
import { createClient } from './client.ts'
import { clientAt, Violation, type DrivenKey, type World } from './world.ts'

/**
 * What nobody can say any more of a Region that is put back: what it was told, what it alone rotated, and what it alone
 * could decrypt. What any other Region opens now must be opened for ever.
 */
export async function expectPutBack(world: World, at: number): Promise<void> {
  await forgetWhatOnlyItHad(world, at)
  for (const key of world.keys) {
    if (!key?.told.has(at)) continue
    key.told.set(at, { enabled: undefined, scheduled: undefined })
    key.maybeRotations += key.rotations
    key.rotations = 0
  }
  world.putBack.add(at)
  if (world.regions[at] !== world.house.accountsWith) return
  world.isHomeOld = true
  for (const visitor of world.visitors) visitor.revokedAt = undefined
}

/** Ciphertexts that no other Region opens now, whatever the reason. */
async function forgetWhatOnlyItHad(world: World, at: number): Promise<void> {
  const kept = []
  for (const sealed of world.sealed) {
    const key = world.keys[sealed.key]
    if (!key?.told.has(at) || (await opensElsewhere(world, key, sealed, at))) kept.push(sealed)
  }
  world.sealed.splice(0, world.sealed.length, ...kept)
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

/** Gives keys another primary whose own was in a Region that has forgotten them, or is lost: an operator would. */
export async function rescue(world: World): Promise<void> {
  for (const key of world.keys) {
    if (key === null) continue
    const found = await Promise.all([...world.regions.keys()].map((at) => describe(world, key.id, at)))
    const heirs = [...found.keys()].filter((at) => ['Enabled', 'PendingImport'].includes(found[at]?.KeyState ?? ''))
    const [to] = heirs.toSorted((a, b) => Number(found[b]?.Enabled) - Number(found[a]?.Enabled))
    const named = to === undefined ? undefined : found[to]?.MultiRegionConfiguration?.PrimaryKey
    const destroyed = world.regions.indexOf(named?.Region ?? '')
    if (to === undefined || destroyed < 0 || found[destroyed] !== null) continue
    await world.house.force(named?.Arn ?? '', world.regions[to] ?? '', named?.Region ?? '').catch(() => {})
  }
}

/** Destroys a Region for good; what it alone had is lost with it. */
export async function lose(world: World, at: number): Promise<void> {
  if (world.lost.size > 0) return
  await forgetWhatOnlyItHad(world, at)
  if (await world.house.lose(world.regions[at] ?? '')) world.lost.add(at)
  for (const key of world.keys) {
    if (!key?.told.delete(at)) continue
    key.maybeRotations += key.rotations
    key.rotations = 0
  }
  world.putBack.delete(at)
  world.figures.losses += 1
}

/** Brings the Region back that is lost, as another one. What runs as what it was does nothing that only a primary may. */
export async function bringBack(world: World, isAnew: boolean): Promise<void> {
  const [at] = world.lost
  if (at === undefined) return
  await world.house.pause(false)
  await world.house.bringBack(world.regions[at] ?? '', isAnew, () => requirePowerless(world, at))
  world.lost.delete(at)
}

async function requirePowerless(world: World, at: number): Promise<void> {
  const region = world.regions[at] ?? ''
  const client = createClient(region, world.house.urlsOf(region), world.credentials)
  try {
    for (const key of world.keys) {
      if (key === null) continue
      const name = await client.send(new RotateKeyOnDemandCommand({ KeyId: key.id })).then(
        () => '',
        (error: unknown) => (error as Error).name,
      )
      if (name === '') throw new Violation(`${region} was declared to be gone, and rotates ${key.id}`)
    }
  } finally {
    client.destroy()
  }
}
