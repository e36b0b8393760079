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
  readonly planter: Planter
}

/** Stands for what the operation would have to be given over the wire: the material comes with the call. */
const NOT_WRAPPED = { ImportToken: 'AA==', EncryptedKeyMaterial: 'AA==' }

/** Makes the keys of all accounts. */
export async function plantKeys(accounts: readonly SeedAccount[], planter: Planter): Promise<void> {
  const planted: Planted[] = []
  for (const [index, account] of accounts.entries()) {
    await forEachAt(account.Keys, ['Accounts', index, 'Keys'], async (key, path) => {
      planted.push(await plantKey(key, account.AccountId, path, planter))
    })
  }
  // A policy is the last that a key gets: it need not let the root user do anything.
  for (const each of planted) await putPolicies(each)
}

async function plantKey(key: SeedKey, account: string, path: SeedPath, planter: Planter): Promise<Planted> {
  const home = key.Region ?? planter.home
  const askIn =
    (region: Region): AskKms =>
    (place, name, input, chosen) =>
      planter.ask(place, { service: 'kms', name, input, account, region, ...(chosen && { chosen }) })
  const [first] = await materialsOf(key, path, planter)
  const chosen: Chosen = {
    ...(key.KeyId !== undefined && { keyId: key.KeyId }),
    ...(first !== undefined && key.Origin !== 'EXTERNAL' && { material: first }),
  }
  const { KeySpec, KeyUsage, Origin, Description, Tags } = key
  const input = { ...defined({ KeySpec, KeyUsage, Origin, Description, Tags }), MultiRegion: isMultiRegion(key) }
  const made = (await askIn(home)(path, 'CreateKey', input, chosen)) as { KeyMetadata: { KeyId: string } }
  const planted = { key, path, id: made.KeyMetadata.KeyId, home, askIn, planter }
  await bringMaterials(planted)
  if (key.KeyRotationEnabled === true) {
    const rotation = defined({ RotationPeriodInDays: key.RotationPeriodInDays })
    await askIn(home)(path, 'EnableKeyRotation', { KeyId: planted.id, ...rotation })
  }
  await forEachAt(key.Replicas, [...path, 'Replicas'], (replica, place) =>
    plantOwn(planted, replica, replica.Region, place),
  )
  await plantOwn(planted, key, home, path)
  return planted
}

/** Makes the replicas, and gives all related keys the materials of the key, in their order. */
async function bringMaterials(planted: Planted): Promise<void> {
  const { key, path, id: KeyId, home, askIn, planter } = planted
  const materials = await materialsOf(key, path, planter)
  const isImported = key.Origin === 'EXTERNAL'
  for (const [generation, material] of materials.entries()) {
    const place = [...path, 'KeyMaterials', generation]
    if (isImported) await importEverywhere(planted, generation, material)
    if (generation > 0) {
      const chosen = isImported ? undefined : { material }
      await askIn(home)(place, 'RotateKeyOnDemand', { KeyId }, chosen)
      await planter.engine.loop.settle()
    }
  }
  if (!isImported || materials.length === 0) await replicate(planted)
}

async function replicate({ key, path, id: KeyId, home, askIn, planter }: Planted): Promise<void> {
  await forEachAt(key.Replicas, [...path, 'Replicas'], async ({ Region, Description, Tags }, place) => {
    const input = { KeyId, ReplicaRegion: Region, ...defined({ Description, Tags }) }
    await askIn(home)(place, 'ReplicateKey', input)
  })
  if (key.Replicas !== undefined) await planter.engine.loop.settle()
}

async function importEverywhere(planted: Planted, generation: number, material: Chosen['material']): Promise<void> {
  const { key, path, id: KeyId, home, askIn, planter } = planted
  const place = [...path, 'KeyMaterials', generation]
  const importIn = async (region: Region, ImportType: string): Promise<void> => {
    const type = KEY_SPECS[key.KeySpec ?? 'SYMMETRIC_DEFAULT'].rotatable ? { ImportType } : {}
    const input = { KeyId, ...NOT_WRAPPED, ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE', ...type }
    await askIn(region)(place, 'ImportKeyMaterial', input, { ...(material && { material }) })
  }
  await importIn(home, 'NEW_KEY_MATERIAL')
  // A key can be replicated as soon as it has material.
  if (generation === 0) await replicate(planted)
  const lacking = (key.Replicas ?? []).filter(({ HasMaterial = true }) => HasMaterial)
  if (lacking.length === 0) return
  await planter.engine.loop.settle()
  for (const { Region } of lacking) await importIn(Region, 'EXISTING_KEY_MATERIAL')
  await planter.engine.loop.settle()
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
