import {
  CreateAliasCommand,
  CreateKeyCommand,
  EncryptCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  UpdateKeyDescriptionCommand,
  UpdatePrimaryRegionCommand,
  type CreateKeyCommandInput,
} from '@aws-sdk/client-kms'
import { randomInt, randomUUID } from 'node:crypto'
import { clientOf, pick, REGIONS, type Change, type Clients } from './clients.ts'
import { stepImported } from './import-load.ts'
import { isRefusal } from './refusal.ts'
import { nothingImported, type KnownKey, type Ledger } from './ledger.ts'

/** The keys of each worker. */
const KINDS = [
  { MultiRegion: true },
  { MultiRegion: true },
  { MultiRegion: true, Origin: 'EXTERNAL' },
  { Origin: 'EXTERNAL' },
] as const satisfies readonly CreateKeyCommandInput[]

/**
 * One client that changes its own keys until the server is gone. It writes into the ledger what it was told, and
 * before each request what it is about to ask.
 */
export async function work(ledger: Ledger, own: KnownKey[], clients: Clients): Promise<void> {
  const change: Change = async (request) => {
    try {
      const { $metadata } = await request
      ledger.answered += 1
      if ($metadata.requestId !== undefined) ledger.requests.add($metadata.requestId)
      return true
    } catch (error) {
      if (isRefusal(error)) return false
      throw error
    }
  }
  for (;;) {
    try {
      const next = KINDS[own.length]
      if (next !== undefined) await create(ledger, own, next, clients, change)
      else await step(ledger, pick(own), clients, change)
    } catch (error) {
      if (isGone(error)) return
      throw error
    }
  }
}

async function create(
  ledger: Ledger,
  own: KnownKey[],
  kind: (typeof KINDS)[number],
  clients: Clients,
  change: Change,
): Promise<void> {
  const [home] = REGIONS
  const request = clientOf(clients, home).send(new CreateKeyCommand(kind))
  if (!(await change(request))) return
  const id = (await request).KeyMetadata?.KeyId ?? ''
  const descriptions = new Map([[home as string, { confirmed: '', asked: null }]])
  const imported = 'Origin' in kind ? nothingImported() : null
  const key: KnownKey = { id, descriptions, aliases: new Set(), sealed: [], primary: home, imported }
  own.push(key)
  ledger.keys.push(key)
}

async function step(ledger: Ledger, key: KnownKey, clients: Clients, change: Change): Promise<void> {
  const places = [...key.descriptions.keys()]
  if (key.imported !== null && randomInt(2) === 0) {
    if (await stepImported(key, key.imported, clients, change)) ledger.imports += 1
    return
  }
  const here = pick(places)
  const KeyId = key.id
  switch (randomInt(8)) {
    case 0: {
      const entry = key.descriptions.get(here)
      if (entry === undefined) return
      entry.asked = randomUUID()
      const Description = entry.asked
      const request = clientOf(clients, here).send(new UpdateKeyDescriptionCommand({ KeyId, Description }))
      if (await change(request)) entry.confirmed = Description
      entry.asked = null
      return
    }
    case 1: {
      const AliasName = `alias/${randomUUID()}`
      const request = clientOf(clients, here).send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId }))
      if (await change(request)) key.aliases.add(`${here} ${AliasName}`)
      return
    }
    case 2:
      // Which imported material is rotated to must be known.
      if (key.imported !== null) return
      await change(clientOf(clients, key.primary).send(new RotateKeyOnDemandCommand({ KeyId })))
      return
    case 3: {
      const elsewhere = REGIONS.filter((region) => !places.includes(region))
      const [to] = elsewhere
      if (to === undefined) return
      const request = clientOf(clients, key.primary).send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: to }))
      if (await change(request)) key.descriptions.set(to, { confirmed: '', asked: null })
      return
    }
    case 4: {
      const to = pick(places)
      const request = clientOf(clients, key.primary).send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: to }))
      if (await change(request)) key.primary = to
      return
    }
    default: {
      const plaintext = randomUUID()
      const Plaintext = Buffer.from(plaintext)
      const request = clientOf(clients, here).send(new EncryptCommand({ KeyId, Plaintext }))
      if (!(await change(request))) return
      key.sealed.push({ plaintext, blob: (await request).CiphertextBlob ?? Buffer.of() })
    }
  }
}

/** A killed server closes its sockets, in whatever way. */
function isGone(error: unknown): boolean {
  return error instanceof Error && /ECONN|EPIPE|socket|aborted|TimeoutError/i.test(`${error.name} ${error.message}`)
}
