import type { KeyObject } from 'node:crypto'
import { MULTI_REGION_PREFIX } from '../../domain/key-id.ts'
import { KEY_SPECS } from '../../domain/key-spec.ts'
import type { Region } from '../../domain/region.ts'
import type { Chosen } from '../../kernel/call.ts'
import { materialOf } from './material.ts'
import { isMultiRegion } from './fill.ts'
import { forEachAt } from './for-each-at.ts'
import type { Planter } from './planter.ts'
import type { SeedPath } from './read.ts'
import type { SeedAccount, SeedKey, SeedReplica } from './schema.ts'

/** Asks KMS in one Region as the root user of the key's account. */
type AskKms = (
  path: SeedPath,
  name: string,
  input: Readonly<Record<string, unknown>>,
  chosen?: Chosen,
) => Promise<unknown>

/** A key while it is made. */
interface Planted {
  readonly key: SeedKey
  readonly path: SeedPath
  readonly id: string
  readonly home: Region
  readonly askIn: (region: Region) => AskKms
  readonly materials: readonly KeyObject[]
}

/** Stands for what the operation would have to be given over the wire: the material comes with the call. */
const NOT_WRAPPED = { ImportToken: 'AA==', EncryptedKeyMaterial: 'AA==' }

/**
 * Makes the keys of all accounts, step by step for all of them together: to wait for other Regions is what takes time.
 */
export async function plantKeys(accounts: readonly SeedAccount[], planter: Planter): Promise<void> {
  requireIds(accounts, planter)
  const planted: Planted[] = []
  for (const [index, account] of accounts.entries()) {
    await forEachAt(account.Keys, ['Accounts', index, 'Keys'], async (key, path) => {
      planted.push(await plantKey(key, account.AccountId, path, planter))
    })
  }
  for (const each of planted) if (each.key.Origin !== 'EXTERNAL') await rotateAndReplicate(each)
  await importMaterials(planted, planter)
  await settle(planted, planter)
  for (const each of planted) await plantOwnOfAll(each)
  // A policy is the last that a key gets: it need not let the root user do anything.
  for (const each of planted) await putPolicies(each)
}

/** INVARIANT: a multi-Region key, and no other, has an id that says so, and there is one primary of each. */
function requireIds(accounts: readonly SeedAccount[], { error }: Planter): void {
  for (const [index, { Keys = [] }] of accounts.entries()) {
    const known = new Set<string>()
    for (const [place, key] of Keys.entries()) {
      const { KeyId = '' } = key
      const path = ['Accounts', index, 'Keys', place, 'KeyId']
      if (KeyId !== '' && KeyId.startsWith(MULTI_REGION_PREFIX) !== isMultiRegion(key)) {
        throw error(path, 'The id of a multi-Region key begins with mrk-, and that of no other.')
      }
      if (KeyId !== '' && known.has(KeyId)) throw error(path, `There is a key ${KeyId} of this account already.`)
      known.add(KeyId)
    }
  }
}

/** Waits for other Regions, where there are any. */
async function settle(planted: readonly Planted[], { engine }: Planter): Promise<void> {
  if (planted.some(({ key }) => key.Replicas !== undefined)) await engine.loop.settle()
}

async function plantKey(key: SeedKey, account: string, path: SeedPath, planter: Planter): Promise<Planted> {
  const home = key.Region ?? planter.home
  const askIn =
    (region: Region): AskKms =>
    (place, name, input, chosen) =>
      planter.ask(place, { service: 'kms', name, input, account, region, ...(chosen && { chosen }) })
  const materials = await materialsOf(key, path, planter)
  const [first] = materials
  const chosen: Chosen = {
    ...(key.KeyId !== undefined && { keyId: key.KeyId }),
    ...(first !== undefined && key.Origin !== 'EXTERNAL' && { material: first }),
  }
  const { KeySpec, KeyUsage, Origin, Description, Tags } = key
  const input = { ...defined({ KeySpec, KeyUsage, Origin, Description, Tags }), MultiRegion: isMultiRegion(key) }
  const made = (await askIn(home)(path, 'CreateKey', input, chosen)) as { KeyMetadata: { KeyId: string } }
  return { key, path, id: made.KeyMetadata.KeyId, home, askIn, materials }
}

/** A key without replicas uses what it is rotated to at once. */
async function rotateAndReplicate(planted: Planted): Promise<void> {
  const { path, id: KeyId, home, askIn, materials } = planted
  for (const [generation, material] of materials.entries()) {
    if (generation === 0) continue
    await askIn(home)([...path, 'KeyMaterials', generation], 'RotateKeyOnDemand', { KeyId }, { material })
  }
  await replicate(planted)
}

async function replicate({ key, path, id: KeyId, home, askIn }: Planted): Promise<void> {
  await forEachAt(key.Replicas, [...path, 'Replicas'], async ({ Region, Description, Tags }, place) => {
    const input = { KeyId, ReplicaRegion: Region, ...defined({ Description, Tags }) }
    await askIn(home)(place, 'ReplicateKey', input)
  })
}

/** Imports what is imported: into the primary, then into its replicas, one material after the other. */
async function importMaterials(all: readonly Planted[], planter: Planter): Promise<void> {
  const imported = all.filter(({ key }) => key.Origin === 'EXTERNAL')
  // Without material a key cannot be replicated: KMS says so.
  for (const each of imported) if (each.materials.length === 0) await replicate(each)
  const most = Math.max(0, ...imported.map(({ materials }) => materials.length))
  for (let generation = 0; generation < most; generation += 1) {
    const those = imported.filter(({ materials }) => materials.length > generation)
    for (const each of those) {
      await importIn(each, each.home, generation, 'NEW_KEY_MATERIAL')
      if (generation === 0) await replicate(each)
    }
    await settle(those, planter)
    for (const each of those) {
      for (const { Region, HasMaterial = true } of each.key.Replicas ?? []) {
        if (HasMaterial) await importIn(each, Region, generation, 'EXISTING_KEY_MATERIAL')
      }
    }
    if (generation === 0) continue
    await settle(those, planter)
    for (const { path, id: KeyId, home, askIn } of those) {
      await askIn(home)([...path, 'KeyMaterials', generation], 'RotateKeyOnDemand', { KeyId })
    }
    await settle(those, planter)
  }
}

async function importIn(
  { key, path, id: KeyId, askIn, materials }: Planted,
  region: Region,
  generation: number,
  ImportType: string,
): Promise<void> {
  const material = materials[generation]
  const type = KEY_SPECS[key.KeySpec ?? 'SYMMETRIC_DEFAULT'].rotatable ? { ImportType } : {}
  const input = { KeyId, ...NOT_WRAPPED, ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE', ...type }
  const place = [...path, 'KeyMaterials', generation]
  await askIn(region)(place, 'ImportKeyMaterial', input, { ...(material && { material }) })
}

async function materialsOf(
  { KeyMaterials = [], KeySpec = 'SYMMETRIC_DEFAULT', KeyUsage }: SeedKey,
  path: SeedPath,
  planter: Planter,
) {
  return Promise.all(
    KeyMaterials.map((text, index) =>
      planter.at([...path, 'KeyMaterials', index], () => materialOf(text, KeySpec, KeyUsage)),
    ),
  )
}

/** Gives related keys what is each one's own; the primary, which can wait for its replicas to be deleted, comes last. */
async function plantOwnOfAll(planted: Planted): Promise<void> {
  const { key, path, id: KeyId, home, askIn } = planted
  if (key.KeyRotationEnabled === true) {
    const rotation = defined({ RotationPeriodInDays: key.RotationPeriodInDays })
    await askIn(home)([...path, 'KeyRotationEnabled'], 'EnableKeyRotation', { KeyId, ...rotation })
  }
  await forEachAt(key.Replicas, [...path, 'Replicas'], (replica, place) =>
    plantOwn(planted, replica, replica.Region, place),
  )
  await plantOwn(planted, key, home, path)
}

/** Gives a key in one Region what related keys do not share. */
async function plantOwn(planted: Planted, own: SeedKey | SeedReplica, region: Region, path: SeedPath): Promise<void> {
  const { id: KeyId, askIn } = planted
  const ask = askIn(region)
  await forEachAt(own.Aliases, [...path, 'Aliases'], async (AliasName, place) => {
    await ask(place, 'CreateAlias', { AliasName, TargetKeyId: KeyId })
  })
  await forEachAt(own.Grants, [...path, 'Grants'], async ({ GrantId, IssuingAccount, ...grant }, place) => {
    const chosen = defined({ grantId: GrantId, issuingAccount: IssuingAccount })
    await ask(place, 'CreateGrant', { KeyId, ...grant }, chosen)
  })
  if (own.Enabled === false) await ask([...path, 'Enabled'], 'DisableKey', { KeyId })
  if (own.PendingWindowInDays === undefined) return
  const { PendingWindowInDays } = own
  await ask([...path, 'PendingWindowInDays'], 'ScheduleKeyDeletion', { KeyId, PendingWindowInDays })
}

async function putPolicies({ key, path, id: KeyId, home, askIn }: Planted): Promise<void> {
  const put = async (Policy: string | undefined, region: Region, place: SeedPath): Promise<void> => {
    if (Policy === undefined) return
    const input = { KeyId, Policy, BypassPolicyLockoutSafetyCheck: true }
    await askIn(region)([...place, 'Policy'], 'PutKeyPolicy', input)
  }
  await put(key.Policy, home, path)
  await forEachAt(key.Replicas, [...path, 'Replicas'], ({ Region, Policy }, place) => put(Policy, Region, place))
}

/** The members that are there. */
function defined<Members extends Readonly<Record<string, unknown>>>(members: Members) {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Members]?: Exclude<Members[Name], undefined>
  }
}
