import { DecryptCommand, type KMSClient, type KeyMetadata, type RotationsListEntry } from '@aws-sdk/client-kms'
import type { Imported, ImportRequest, KnownKey } from './ledger.ts'
import { isRefusal } from './refusal.ts'

/** What expires may be found for so long: an expiry is carried out, not looked up. */
const SLACK_MS = 5000

/** A key in one Region, as it was found between two moments. */
export interface Found {
  readonly metadata: KeyMetadata
  /** All of its materials, where they were imported. */
  readonly materials: readonly RotationsListEntry[]
  readonly since: number
  readonly until: number
}

/** Says whether each Region's state follows from what is imported there, and all know who has what waits. */
export function areImportsSettled(found: readonly Found[]): boolean {
  const isReady = found.every(({ materials }) => materials.every((each) => !isWaiting(each) || isHere(each)))
  return found.every(({ metadata: { KeyState }, materials }) => {
    const needed = materials.filter((each) => !isWaiting(each))
    const isComplete = needed.length > 0 && needed.every(isHere)
    const waiting = materials.find(isWaiting)
    if (waiting !== undefined && (waiting.KeyMaterialState === 'PENDING_ROTATION') !== isReady) return false
    return KeyState === (isComplete ? 'Enabled' : 'PendingImport')
  })
}

/**
 * Holds the materials of a key against what the server has answered; what was asked for last may have happened or not,
 * and is written down as it is found.
 *
 * @throws Error that says what differs
 */
export function verifyImports(key: KnownKey, imported: Imported, found: ReadonlyMap<string, Found>): void {
  const [any] = found.values()
  verifyNames(key, imported, any?.materials ?? [])
  for (const [region, here] of found) verifyHeld(key, imported, region, here)
  imported.asked = null
}

function verifyNames({ id }: KnownKey, imported: Imported, listed: readonly RotationsListEntry[]): void {
  const { used, staged, asked, bytes } = imported
  const inUse = listed.filter((each) => !isWaiting(each)).map(idOf)
  const waiting = listed.filter(isWaiting).map(idOf)
  const current = listed.filter(({ KeyMaterialState }) => KeyMaterialState === 'CURRENT').map(idOf)
  const fail = (): never => {
    throw new Error(`The materials of ${id} are ${JSON.stringify(listed)}, not ${describe(imported)}`)
  }
  const [next] = inUse.slice(used.length)
  const possible =
    asked?.type === 'rotate' ? [used, [...used, staged?.id]] : asked?.type === 'new' && next ? [used, [next]] : [used]
  if (!possible.some((ids) => ids.join() === inUse.join()) || current.join() !== (inUse.at(-1) ?? '')) fail()
  const [name] = waiting
  if (waiting.length > 1) fail()
  if (name === undefined) {
    const isRotated = staged !== null && inUse.includes(staged.id)
    if (staged !== null && !isRotated && !staged.mayBeGone && !takesAway(asked, staged.id)) fail()
    imported.staged = null
  } else if (name === staged?.id) {
    imported.staged = { id: name, mayBeGone: staged.mayBeGone || takesAway(asked, name) }
  } else {
    if (asked?.type !== 'new' || (staged !== null && !staged.mayBeGone)) return fail()
    imported.staged = { id: name, mayBeGone: asked.until !== Infinity }
  }
  const unknown = name !== undefined && !bytes.has(name) ? name : next !== undefined && !bytes.has(next) ? next : null
  if (unknown !== null && asked?.type === 'new') bytes.set(unknown, asked.bytes)
  imported.used = inUse
  const named = new Set([...inUse, ...waiting])
  for (const each of bytes.keys()) if (!named.has(each)) bytes.delete(each)
}

/** Says whether a request may be why a material that waited is gone. */
function takesAway(asked: ImportRequest | null, id: string): boolean {
  if (asked?.type === 'delete') return asked.place.id === id
  return asked?.type === 'existing' && asked.place.id === id && asked.until !== Infinity
}

function verifyHeld({ id: keyId }: KnownKey, imported: Imported, region: string, found: Found): void {
  const known = imported.held.get(region)
  const held = new Map<string, number>()
  for (const entry of found.materials) {
    const id = idOf(entry)
    const until = isHere(entry) ? (entry.ValidTo?.getTime() ?? Infinity) : null
    const possible = [known?.get(id) ?? null, ...outcomes(imported.asked, region, id, known?.has(id) === true)]
    const fits = (should: number | null) => {
      if (until === null) return should === null || should <= found.until
      return until === should && should > found.since - SLACK_MS
    }
    if (!possible.some(fits)) {
      throw new Error(
        `At ${found.since}, ${id} of ${keyId} is in ${region} until ${until}, and was to be until ${possible.join(' or ')}`,
      )
    }
    if (until !== null) held.set(id, until)
  }
  imported.held.set(region, held)
}

/** What would be of a material in a Region if the request that was not answered was carried out. */
function outcomes(
  asked: ImportRequest | null,
  region: string,
  id: string,
  isKnown: boolean,
): readonly (number | null)[] {
  if (asked === null || asked.type === 'rotate') return []
  if (asked.type === 'new') return asked.region === region && !isKnown ? [asked.until] : []
  if (asked.place.region !== region || asked.place.id !== id) return []
  return [asked.type === 'delete' ? null : asked.until]
}

/**
 * Opens a ciphertext of a key of imported material: null where the Region lacks some of it and hence refuses.
 *
 * @throws Error where it refuses without reason, or opens what it must not
 */
export async function openWithImports(
  { id }: KnownKey,
  { used, held }: Imported,
  region: string,
  blob: Uint8Array,
  client: KMSClient,
): Promise<Uint8Array | null> {
  const lacksAt = (time: number) => used.some((each) => (held.get(region)?.get(each) ?? 0) <= time)
  const mustRefuse = lacksAt(Date.now() - SLACK_MS)
  try {
    const { Plaintext } = await client.send(new DecryptCommand({ CiphertextBlob: blob }))
    if (mustRefuse) throw new Error(`A ciphertext of ${id} opens in ${region}, where material is missing`)
    return Plaintext ?? Buffer.of()
  } catch (error) {
    if (isRefusal(error) && error.name === 'KMSInvalidStateException' && lacksAt(Date.now())) return null
    throw error
  }
}

function isWaiting({ KeyMaterialState }: RotationsListEntry): boolean {
  return KeyMaterialState?.startsWith('PENDING_') === true
}

function isHere({ ImportState }: RotationsListEntry): boolean {
  return ImportState === 'IMPORTED'
}

function idOf({ KeyMaterialId = '' }: RotationsListEntry): string {
  return KeyMaterialId
}

function describe({ used, staged, asked }: Imported): string {
  return JSON.stringify({ used, staged, asked: asked?.type })
}
