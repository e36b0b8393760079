import {
  CancelKeyDeletionCommand,
  CreateKeyCommand,
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  KMSServiceException,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
  type KMSClient,
  type KeyMetadata,
} from '@aws-sdk/client-kms'
import { hash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { importInto } from '../clients/import.ts'
import { createClient, isUnavailable, isUnsure } from './client.ts'
import type { Call } from './plan.ts'
import { askLate, receive } from './visitors.ts'
import { clientAt, count, toldIn, Violation, type DrivenKey, type Sealed, type World } from './world.ts'

/** What became of a call: it was answered, refused with an error of that name, or cut off by a kill. */
type Outcome = string

/**
 * Makes one call and notes what it was answered.
 *
 * @param isDoomed whether the server may be killed meanwhile, so that no answer says nothing
 */
export async function perform(world: World, call: Call, isDoomed: boolean): Promise<void> {
  if (call.do === 'create') return create(world, call.external, isDoomed)
  if (call.do === 'decrypt') return decryptSome(world, call.which, call.at, isDoomed)
  if (!('key' in call)) return receive(world, call, isDoomed)
  const key = world.keys[call.key]
  if (key === null || key === undefined) return count(world.figures, call.do, 'no key')
  const placed = { ...call, ...('at' in call && { at: placeOf(key, call.at) }) }
  if (!UNCHANGING.has(call.do)) key.changes += 1
  count(world.figures, call.do, await performOn(world, key, placed, isDoomed))
}

const UNCHANGING: ReadonlySet<string> = new Set(['describe', 'encrypt'])

/** The place of a Region that was asked to have the key. */
function placeOf({ told }: DrivenKey, at: number): number {
  const places = [...told.keys()].toSorted((a, b) => a - b)
  return places[at % places.length] ?? 0
}

async function performOn(
  world: World,
  key: DrivenKey,
  call: Extract<Call, { key: number }>,
  isDoomed: boolean,
): Promise<Outcome> {
  const KeyId = key.id
  const primary = clientAt(world, key.primary)
  const ask = (request: () => Promise<unknown>) => outcomeOf(world, request, isDoomed)
  switch (call.do) {
    case 'replicate': {
      const ReplicaRegion = world.regions[call.to]
      const outcome = await ask(() => primary.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion })))
      // A new life, in which nothing was said yet; or one that may be.
      if (outcome === 'ok') key.told.set(call.to, { enabled: true, scheduled: false })
      if (outcome === CUT) key.told.set(call.to, { enabled: undefined, scheduled: undefined })
      if (outcome === 'UnsupportedOperationException') await findPrimary(world, key)
      return outcome
    }
    case 'promote': {
      const to = placeOf(key, call.to)
      const PrimaryRegion = world.regions[to]
      const outcome = await ask(() => primary.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion })))
      if (outcome !== 'ok' || isDoomed) await findPrimary(world, key)
      else key.primary = to
      return outcome
    }
    case 'rotate': {
      const outcome = await ask(() => primary.send(new RotateKeyOnDemandCommand({ KeyId })))
      if (outcome === CUT || (outcome === 'ok' && key.isRotating)) key.maybeRotations += 1
      else if (outcome === 'ok') key.rotations += 1
      key.isRotating ||= outcome === 'ok' || outcome === CUT
      return outcome
    }
    case 'rotateByItself':
      return ask(() => primary.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 })))
    case 'neverRotate':
      return ask(() => primary.send(new DisableKeyRotationCommand({ KeyId })))
    case 'import':
      return key.external ? importSome(world, key, call, isDoomed) : 'no import'
    case 'describe':
      return ask(() => clientAt(world, call.at).send(new DescribeKeyCommand({ KeyId })))
    case 'encrypt':
      return encrypt(world, call.key, key, call.at, isDoomed)
    default:
      return changeHere(world, key, call.do, call.at, isDoomed)
  }
}

/** What a Region does with its own key, and remembers whatever comes. */
async function changeHere(
  world: World,
  key: DrivenKey,
  name: 'discard' | 'disable' | 'enable' | 'schedule' | 'cancel',
  at: number,
  isDoomed: boolean,
): Promise<Outcome> {
  const KeyId = key.id
  const client = clientAt(world, at)
  const told = toldIn(key, at)
  const ask = (request: () => Promise<unknown>) => outcomeOf(world, request, isDoomed)
  const note = (outcome: Outcome, change: Partial<typeof told>): Outcome => {
    if (outcome === 'ok') Object.assign(told, change)
    if (outcome === CUT) for (const name of Object.keys(change)) told[name as keyof typeof told] = undefined
    return outcome
  }
  switch (name) {
    case 'discard':
      return key.external ? ask(() => client.send(new DeleteImportedKeyMaterialCommand({ KeyId }))) : 'no import'
    case 'disable':
      return note(await ask(() => client.send(new DisableKeyCommand({ KeyId }))), { enabled: false })
    case 'enable':
      return note(await ask(() => client.send(new EnableKeyCommand({ KeyId }))), { enabled: true })
    case 'schedule': {
      const request = new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 })
      return note(await ask(() => client.send(request)), { scheduled: true })
    }
    case 'cancel':
      return note(await ask(() => client.send(new CancelKeyDeletionCommand({ KeyId }))), {
        scheduled: false,
        enabled: false,
      })
  }
}

async function create(world: World, external: boolean, isDoomed: boolean): Promise<void> {
  // Its place is taken at once: calls that come after it are named by their order.
  const place = world.keys.push(null) - 1
  const request = new CreateKeyCommand({ MultiRegion: true, ...(external && { Origin: 'EXTERNAL' }) })
  let id = ''
  const outcome = await outcomeOf(
    world,
    async () => {
      const made = await clientAt(world, 0).send(request)
      id = made.KeyMetadata?.KeyId ?? ''
      return made
    },
    isDoomed,
  )
  count(world.figures, 'create', outcome)
  if (outcome !== 'ok') return
  const told = new Map([[0, { enabled: true, scheduled: false }]])
  world.keys[place] = { id, external, primary: 0, told, rotations: 0, maybeRotations: 0, isRotating: false, changes: 0 }
}

/** The bytes follow from the key and a number: the same are imported everywhere, and again. */
function importSome(
  world: World,
  key: DrivenKey,
  { at, material, days }: Extract<Call, { do: 'import' }>,
  isDoomed: boolean,
): Promise<Outcome> {
  const bytes = hash('sha256', `${key.id} ${material}`, 'buffer')
  const stay =
    days === 0
      ? ({ ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' } as const)
      : { ValidTo: new Date(Date.now() + world.offset + days * 86_400_000) }
  const bring = async (ImportType?: 'NEW_KEY_MATERIAL' | 'EXISTING_KEY_MATERIAL'): Promise<Outcome> => {
    const importing = async () => importInto(clientAt(world, at), key.id, bytes, { ...stay, ImportType })
    const outcome = await outcomeOf(world, importing, isDoomed)
    // What comes into a key that is disabled enables it.
    if (outcome === 'ok') toldIn(key, at).enabled = true
    if (outcome === CUT) toldIn(key, at).enabled = undefined
    return outcome
  }
  return bring(undefined).then(async (first) => {
    if (first !== 'IncorrectKeyMaterialException') return first
    const existing = await bring('EXISTING_KEY_MATERIAL')
    return existing === 'IncorrectKeyMaterialException' && at === key.primary ? bring('NEW_KEY_MATERIAL') : existing
  })
}

async function encrypt(world: World, number: number, key: DrivenKey, at: number, isDoomed: boolean): Promise<Outcome> {
  const plaintext = `${key.id} ${world.sealed.length}`
  const request = new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from(plaintext) })
  useLate(world, key, at, (client) => client.send(request))
  const requireOn = requireUsable(world, key, at, isDoomed)
  return outcomeOf(
    world,
    async () => {
      const { CiphertextBlob } = await clientAt(world, at).send(request)
      requireOn()
      world.sealed.push({ key: number, plaintext, blob: CiphertextBlob ?? Buffer.alloc(0) })
    },
    isDoomed,
  )
}

/**
 * Notes whether a key may be used when it is about to be. Gives what is asked once it was used.
 *
 * @throws Violation there, where it had been disabled or was to be deleted, and nobody has asked for anything since
 */
function requireUsable(world: World, key: DrivenKey, at: number, isDoomed: boolean): () => void {
  const { changes } = key
  const told = { ...key.told.get(at) }
  const isOff = told.enabled === false || told.scheduled === true
  return () => {
    if (!isOff || isDoomed || key.changes !== changes || world.putBack.has(at)) return
    const why = told.scheduled === true ? 'is to be deleted' : 'is disabled'
    throw new Violation(`${key.id} is used in ${world.regions[at]}, though it ${why}`)
  }
}

/** A process that is held is asked to use a key as well, and answers when it goes on, if it does. */
function useLate(world: World, key: DrivenKey, at: number, use: (client: KMSClient) => Promise<unknown>): void {
  const url = world.house.heldUrlOf(world.regions[at] ?? '')
  if (url === null) return
  const requireOn = requireUsable(world, key, at, false)
  askLate(world, async () => {
    const client = createClient(world.regions[at] ?? '', [url], world.credentials)
    try {
      await use(client)
    } catch {
      return count(world.figures, 'late', 'not answered')
    } finally {
      client.destroy()
    }
    requireOn()
    count(world.figures, 'late', 'ok')
  })
}

async function decryptSome(world: World, which: number, at: number, isDoomed: boolean): Promise<void> {
  const sealed = world.sealed[which % Math.max(1, world.sealed.length)]
  const key = sealed === undefined ? null : world.keys[sealed.key]
  if (sealed === undefined || !key) return count(world.figures, 'decrypt', 'nothing to decrypt')
  count(world.figures, 'decrypt', await decrypt(world, sealed, placeOf(key, at), isDoomed))
}

/**
 * Decrypts a ciphertext in a Region.
 *
 * @throws Violation where the Region's key can be used, and does not open it or opens something else
 */
export async function decrypt(world: World, sealed: Sealed, at: number, isDoomed = false): Promise<Outcome> {
  const key = world.keys[sealed.key]
  if (key === null || key === undefined) throw new Error('What is encrypted has a key.')
  const request = new DecryptCommand({ KeyId: key.id, CiphertextBlob: sealed.blob })
  useLate(world, key, at, (client) => client.send(request))
  const open = () =>
    outcomeOf(
      world,
      async () => {
        const requireOn = requireUsable(world, key, at, isDoomed)
        const { Plaintext } = await clientAt(world, at).send(request)
        requireOn()
        const text = Buffer.from(Plaintext ?? []).toString()
        if (text !== sealed.plaintext) throw new Violation(`"${sealed.plaintext}" opens as "${text}"`)
      },
      isDoomed,
    )
  const outcome = await open()
  if (outcome === 'ok' || outcome === CUT || outcome === UNAVAILABLE || isDoomed) return outcome
  // What it has forgotten others bring it.
  if (world.putBack.has(at)) return outcome
  const state = (await describe(world, key.id, at))?.KeyState
  if (state !== 'Enabled' && state !== 'Updating') return outcome
  // It may have become usable in between.
  const again = await open()
  if (again === 'ok' || again === UNAVAILABLE) return again
  throw new Violation(`${key.id} is ${state} in ${world.regions[at]} and does not decrypt what it encrypted: ${again}`)
}

/** A Region's key as it tells of itself; null where it has none, or does not decide anything while it hears nobody. */
export async function describe(world: World, KeyId: string, at: number): Promise<KeyMetadata | null> {
  if (world.lost.has(at)) return null
  const end = performance.now() + AVAILABLE_MS
  for (;;) {
    try {
      return (await clientAt(world, at).send(new DescribeKeyCommand({ KeyId }))).KeyMetadata ?? null
    } catch (error) {
      if (!(error instanceof KMSServiceException) && !world.house.takesOver) throw error
      if ((error as Error).name === 'NotFoundException') return null
      if (error instanceof KMSServiceException && !isUnavailable(error)) throw error
      if (world.house.isCut() || world.isHomeOld) return null
      if (performance.now() > end) throw new Violation(`${world.regions[at]} does not serve: ${String(error)}`)
    }
    await setTimeout(LOOK_MS)
  }
}

/** Looks where the primary of a key is. It may be nowhere, while it moves. */
export async function findPrimary(world: World, key: DrivenKey): Promise<void> {
  for (const region of world.regions.keys()) {
    const found = await describe(world, key.id, region).catch(() => null)
    if (found?.MultiRegionConfiguration?.MultiRegionKeyType === 'PRIMARY') key.primary = region
  }
}

const CUT = 'cut off'
const UNAVAILABLE = 'not available'
/** How long a Region may be without an answer while it hears the others, in milliseconds. */
const AVAILABLE_MS = 30_000
const LOOK_MS = 200

async function outcomeOf(world: World, request: () => Promise<unknown>, isDoomed: boolean): Promise<Outcome> {
  try {
    const answer = (await request()) as { $metadata?: { requestId?: string } } | undefined
    const id = answer?.$metadata?.requestId
    if (id !== undefined) world.answered.add(id)
    return 'ok'
  } catch (error) {
    if (error instanceof Violation) throw error
    if (isUnsure(error)) return CUT
    if (isUnavailable(error)) return UNAVAILABLE
    if (!(error instanceof KMSServiceException)) {
      if (isDoomed || world.house.takesOver) return CUT
      throw new Violation(`no answer: ${String(error)}`, { cause: error })
    }
    if (error.name !== 'KMSInternalException') return error.name
    const isRestless = performance.now() < world.restlessUntil || world.lost.size > 0
    if (world.house.takesOver && isRestless) return CUT
    const isAway = isDoomed || world.house.isCut() || isRestless
    if (isAway && error.message.includes('cannot be reached')) return 'not reached'
    throw new Violation(`a fault: ${error.message}`, { cause: error })
  }
}
