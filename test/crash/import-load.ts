import {
  DeleteImportedKeyMaterialCommand,
  ImportKeyMaterialCommand,
  RotateKeyOnDemandCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { randomBytes, randomInt } from 'node:crypto'
import { EXISTING, NEW, parameters, wrap } from '../clients/import.ts'
import { clientOf, pick, type Change, type Clients } from './clients.ts'
import type { Imported, ImportParameters, ImportRequest, KnownKey, Place } from './ledger.ts'

/** One of so many imports is of material that expires a moment later. */
const EXPIRING = 5
const ALGORITHM = 'RSAES_OAEP_SHA_256'

/** Changes a key's imported material in some way. Says whether the server did. */
export async function stepImported(
  key: KnownKey,
  imported: Imported,
  clients: Clients,
  change: Change,
): Promise<boolean> {
  const request = choose(key, imported)
  if (request === null) return false
  const region = regionOf(key, request)
  const client = clientOf(clients, region)
  const given = request.type === 'new' || request.type === 'existing'
  const made = given ? await parametersOf(key.id, imported, region, client, change) : null
  if (given && made === null) return false
  imported.asked = request
  const answer = send(client, key.id, imported, request, made)
  const isDone = await change(answer)
  if (isDone) note(imported, request, (await answer).KeyMaterialId ?? '')
  else if (given) await requireGoodToken(key.id, region, answer)
  imported.asked = null
  return isDone
}

function choose(key: KnownKey, imported: Imported): ImportRequest | null {
  const { bytes, used, held, staged } = imported
  const region = key.primary
  const until = randomInt(EXPIRING) === 0 ? Math.ceil(Date.now() / 1000 + randomInt(1, 4)) * 1000 : Infinity
  const fresh = { type: 'new', region, bytes: randomBytes(32), until } as const
  if (used.length === 0) return fresh
  const everywhere = [...key.descriptions.keys()].flatMap((each) =>
    [...bytes.keys()].map((id) => ({ region: each, id })),
  )
  const isHere = (place: Place) => held.get(place.region)?.has(place.id) === true
  const missing = everywhere.filter((place) => !isHere(place))
  switch (randomInt(8)) {
    case 0: {
      const here = everywhere.filter(isHere)
      return here.length === 0 ? null : { type: 'delete', place: pick(here) }
    }
    case 1:
      return { type: 'existing', place: pick(everywhere), until }
    case 2:
      return fresh
    case 3:
      return { type: 'rotate' }
    default:
      if (missing.length > 0) return { type: 'existing', place: pick(missing), until }
      return staged === null ? fresh : { type: 'rotate' }
  }
}

function regionOf(key: KnownKey, request: ImportRequest): string {
  if (request.type === 'rotate') return key.primary
  return request.type === 'new' ? request.region : request.place.region
}

/** The token and key of a Region: asked for once, so that each is used again after crashes. */
async function parametersOf(
  keyId: string,
  imported: Imported,
  region: string,
  client: KMSClient,
  change: Change,
): Promise<ImportParameters | null> {
  const known = imported.parameters.get(region)
  if (known !== undefined) return known
  const request = parameters(client, keyId, ALGORITHM)
  if (!(await change(request))) return null
  const made = await request
  imported.parameters.set(region, made)
  return made
}

async function send(
  client: KMSClient,
  KeyId: string,
  imported: Imported,
  request: ImportRequest,
  made: ImportParameters | null,
) {
  if (request.type === 'rotate') {
    return { KeyMaterialId: undefined, ...(await client.send(new RotateKeyOnDemandCommand({ KeyId }))) }
  }
  if (request.type === 'delete') {
    return client.send(new DeleteImportedKeyMaterialCommand({ KeyId, KeyMaterialId: request.place.id }))
  }
  const bytes = request.type === 'new' ? request.bytes : imported.bytes.get(request.place.id)
  if (bytes === undefined || made === null) throw new Error('There is nothing to import.')
  const { ImportToken, PublicKey } = made
  return client.send(
    new ImportKeyMaterialCommand({
      KeyId,
      ImportToken,
      EncryptedKeyMaterial: wrap(PublicKey, ALGORITHM, bytes),
      ...(request.type === 'new' ? NEW : { ...EXISTING, KeyMaterialId: request.place.id }),
      ...(request.until !== Infinity && { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: new Date(request.until) }),
    }),
  )
}

/** What follows for a client from a request that was answered. */
function note(imported: Imported, request: ImportRequest, id: string): void {
  const { staged, bytes } = imported
  switch (request.type) {
    case 'new':
      if (staged !== null) bytes.delete(staged.id)
      bytes.set(id, request.bytes)
      if (imported.used.length === 0) imported.used = [id]
      else imported.staged = { id, mayBeGone: request.until !== Infinity }
      hold(imported, { region: request.region, id }, request.until)
      return
    case 'existing':
      if (id !== request.place.id) throw new Error(`${request.place.id} was imported as ${id}`)
      if (staged?.id === id && request.until !== Infinity) imported.staged = { id, mayBeGone: true }
      hold(imported, request.place, request.until)
      return
    case 'delete':
      if (staged?.id === request.place.id) imported.staged = { id: staged.id, mayBeGone: true }
      imported.held.get(request.place.region)?.delete(request.place.id)
      return
    case 'rotate':
      if (staged === null) throw new Error('A rotation was answered that has nothing to rotate to')
      imported.used = [...imported.used, staged.id]
      imported.staged = null
  }
}

function hold({ held }: Imported, { region, id }: Place, until: number): void {
  const here = held.get(region) ?? new Map<string, number>()
  held.set(region, here.set(id, until))
}

/** A token that was given out is good for a day, whatever happens to the server. */
async function requireGoodToken(keyId: string, region: string, refused: Promise<unknown>): Promise<void> {
  const error: unknown = await refused.catch((reason: unknown) => reason)
  if (error instanceof Error && /Token|InvalidCiphertext/.test(error.name)) {
    throw new Error(`An import token of ${keyId} in ${region} is lost: ${error.message}`)
  }
}

/** Imports for ever what a key lacks anywhere, so that all of it must open again. */
export async function importAll(key: KnownKey, imported: Imported, clients: Clients): Promise<void> {
  const change: Change = (request) => request.then(() => true)
  for (const region of key.descriptions.keys()) {
    for (const id of imported.used) {
      const client = clientOf(clients, region)
      const made = await parametersOf(key.id, imported, region, client, change)
      const request = { type: 'existing', place: { region, id }, until: Infinity } as const
      const { KeyMaterialId } = await send(client, key.id, imported, request, made)
      note(imported, request, KeyMaterialId ?? '')
    }
  }
}
