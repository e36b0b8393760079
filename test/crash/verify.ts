import { DecryptCommand, DescribeKeyCommand, ListAliasesCommand, type KeyMetadata } from '@aws-sdk/client-kms'
import { randomInt } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { clientOf, REGIONS, type Clients } from './load.ts'
import type { KnownKey, Ledger } from './ledger.ts'
import { isRefusal } from './refusal.ts'

const SETTLE_MS = 15_000

/**
 * Holds the server against the ledger after a crash.
 *
 * @param samples how many ciphertexts of each key to open in each Region; all of them where undefined
 * @throws Error that says what was lost
 */
export async function verify(ledger: Ledger, clients: Clients, path: string, samples?: number): Promise<void> {
  for (const key of ledger.keys) {
    const found = await settle(key, clients)
    verifyFamily(key, found)
    verifyDescriptions(key, found)
    await verifyAliases(key, clients)
    for (const region of found.keys()) await verifyCiphertexts(key, region, clients, samples)
  }
  await verifyRecords(ledger, path)
}

/** The key in every Region, once the Regions agree; what was asked for last may have happened or not. */
async function settle(key: KnownKey, clients: Clients): Promise<ReadonlyMap<string, KeyMetadata>> {
  const deadline = Date.now() + SETTLE_MS
  for (;;) {
    const found = new Map<string, KeyMetadata>()
    for (const region of REGIONS) {
      const metadata = await describe(key.id, region, clients)
      if (metadata !== null) found.set(region, metadata)
    }
    const settled = [...found.values()]
    const shapes = new Set(settled.map(sharedPart))
    if (settled.length > 0 && settled.every(({ KeyState }) => KeyState === 'Enabled') && shapes.size === 1) return found
    if (Date.now() > deadline) throw new Error(`${key.id} has not settled: ${JSON.stringify([...found])}`)
    await setTimeout(20)
  }
}

async function describe(KeyId: string, region: string, clients: Clients): Promise<KeyMetadata | null> {
  try {
    return (await clientOf(clients, region).send(new DescribeKeyCommand({ KeyId }))).KeyMetadata ?? null
  } catch (error) {
    if (isRefusal(error) && error.name === 'NotFoundException') return null
    throw error
  }
}

function sharedPart({ CurrentKeyMaterialId, MultiRegionConfiguration: of }: KeyMetadata): string {
  return JSON.stringify([CurrentKeyMaterialId, of?.PrimaryKey?.Region, of?.ReplicaKeys?.map(({ Region }) => Region)])
}

function verifyFamily(key: KnownKey, found: ReadonlyMap<string, KeyMetadata>): void {
  const primaries = [...found].filter(([, of]) => of.MultiRegionConfiguration?.MultiRegionKeyType === 'PRIMARY')
  if (primaries.length !== 1) throw new Error(`${key.id} has ${primaries.length} primaries`)
  key.primary = primaries[0]?.[0] ?? ''
  for (const region of key.descriptions.keys()) {
    if (!found.has(region)) throw new Error(`${key.id} was replicated to ${region} and is not there`)
  }
  for (const region of found.keys()) {
    if (!key.descriptions.has(region)) key.descriptions.set(region, { confirmed: '', asked: null })
  }
}

function verifyDescriptions(key: KnownKey, found: ReadonlyMap<string, KeyMetadata>): void {
  for (const [region, entry] of key.descriptions) {
    const { Description = '' } = found.get(region) ?? {}
    if (Description !== entry.confirmed && Description !== entry.asked) {
      throw new Error(`The description of ${key.id} in ${region} is "${Description}", not "${entry.confirmed}"`)
    }
    entry.confirmed = Description
    entry.asked = null
  }
}

async function verifyAliases(key: KnownKey, clients: Clients): Promise<void> {
  const found = new Set<string>()
  for (const region of key.descriptions.keys()) {
    const { Aliases = [] } = await clientOf(clients, region).send(new ListAliasesCommand({ KeyId: key.id, Limit: 100 }))
    for (const { AliasName } of Aliases) found.add(`${region} ${AliasName}`)
  }
  for (const alias of key.aliases) if (!found.has(alias)) throw new Error(`The alias ${alias} of ${key.id} is lost`)
}

async function verifyCiphertexts(key: KnownKey, region: string, clients: Clients, samples?: number): Promise<void> {
  const chosen =
    samples === undefined || key.sealed.length <= samples
      ? key.sealed
      : Array.from({ length: samples }, () => key.sealed[randomInt(key.sealed.length)]).filter(
          (each) => each !== undefined,
        )
  for (const { blob, plaintext } of chosen) {
    const { Plaintext } = await clientOf(clients, region).send(new DecryptCommand({ CiphertextBlob: blob }))
    if (Buffer.from(Plaintext ?? []).toString() !== plaintext) {
      throw new Error(`A ciphertext of ${key.id} does not open in ${region}`)
    }
  }
}

/** Every change that was answered has its record on disk. */
async function verifyRecords({ requests }: Ledger, path: string): Promise<void> {
  const recorded = new Set<string>()
  for (const region of REGIONS) {
    const directory = join(path, 'audit', region)
    for (const file of await readdir(directory)) {
      for (const line of (await readFile(join(directory, file), 'utf8')).split('\n')) {
        if (line !== '') recorded.add((JSON.parse(line) as { requestID: string }).requestID)
      }
    }
  }
  for (const request of requests) if (!recorded.has(request)) throw new Error(`Request ${request} has no record`)
  requests.clear()
}
