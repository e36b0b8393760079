import {
  CreateAliasCommand,
  CreateKeyCommand,
  EncryptCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  UpdateKeyDescriptionCommand,
  UpdatePrimaryRegionCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { randomInt, randomUUID } from 'node:crypto'
import { isRefusal } from './refusal.ts'
import type { KnownKey, Ledger } from './ledger.ts'

export const REGIONS = ['us-east-1', 'eu-west-1', 'ap-southeast-2'] as const
const KEYS_PER_WORKER = 3

/** Clients by Region. */
export type Clients = ReadonlyMap<string, KMSClient>

interface Answered {
  readonly $metadata: { readonly requestId?: string | undefined }
}

/**
 * One client that changes its own keys until the server is gone. It writes into the ledger what it was told, and
 * before each request what it is about to ask.
 */
export async function work(ledger: Ledger, own: KnownKey[], clients: Clients): Promise<void> {
  const change = async (request: Promise<Answered>): Promise<boolean> => {
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
      if (own.length < KEYS_PER_WORKER) await create(ledger, own, clients, change)
      else await step(pick(own), clients, change)
    } catch (error) {
      if (isGone(error)) return
      throw error
    }
  }
}

type Change = (request: Promise<Answered>) => Promise<boolean>

async function create(ledger: Ledger, own: KnownKey[], clients: Clients, change: Change): Promise<void> {
  const [home] = REGIONS
  const request = clientOf(clients, home).send(new CreateKeyCommand({ MultiRegion: true }))
  if (!(await change(request))) return
  const id = (await request).KeyMetadata?.KeyId ?? ''
  const descriptions = new Map([[home as string, { confirmed: '', asked: null }]])
  const key: KnownKey = { id, descriptions, aliases: new Set(), sealed: [], primary: home }
  own.push(key)
  ledger.keys.push(key)
}

async function step(key: KnownKey, clients: Clients, change: Change): Promise<void> {
  const places = [...key.descriptions.keys()]
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

export function clientOf(clients: Clients, region: string): KMSClient {
  const client = clients.get(region)
  if (client === undefined) throw new Error(`There is no client for ${region}.`)
  return client
}

function pick<Item>(items: readonly Item[]): Item {
  const item = items[randomInt(items.length)]
  if (item === undefined) throw new Error('There is nothing to pick from.')
  return item
}

/** A killed server closes its sockets, in whatever way. */
function isGone(error: unknown): boolean {
  return error instanceof Error && /ECONN|EPIPE|socket|aborted|TimeoutError/i.test(`${error.name} ${error.message}`)
}
