import {
  DecryptCommand,
  DescribeKeyCommand,
  ListAliasesCommand,
  ListKeyRotationsCommand,
  type KMSClient,
  type KeyMetadata,
} from '@aws-sdk/client-kms'
import { randomInt } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { dataDirectory } from '../../src/server/data/data-directory.ts'
import { openRootKeyFile } from '../../src/server/data/root-key-file.ts'
import { verifyData } from '../../src/server/transparency/verify/verify.ts'
import { clientOf, REGIONS, type Clients } from './clients.ts'
import { importAll } from './import-load.ts'
import { areImportsSettled, openWithImports, verifyImports, type Found } from './import-verify.ts'
import type { KnownKey, Ledger } from './ledger.ts'
import { readRecords } from './records.ts'
import { isRefusal } from './refusal.ts'

const SETTLE_MS = 15_000

/**
 * Holds the server against the ledger after a crash. At the end, all imported material is brought back first.
 *
 * @param samples how many ciphertexts of each key to open in each Region; all of them where undefined
 * @throws Error that says what was lost
 */
export async function verify(ledger: Ledger, clients: Clients, path: string, samples?: number): Promise<void> {
  for (const key of ledger.keys) {
    const found = await settle(key, clients)
    const family = new Map([...found].map(([region, { metadata }]) => [region, metadata]))
    verifyFamily(key, family)
    verifyDescriptions(key, family)
    await verifyAliases(key, clients)
    if (key.imported !== null) {
      verifyImports(key, key.imported, found)
      if (samples === undefined) await importAll(key, key.imported, clients)
    }
    for (const region of found.keys()) await verifyCiphertexts(key, region, clients, samples)
  }
  await verifyRecords(ledger, path)
}

/**
 * Holds the audit logs against their trees, and the databases against what the logs know of them. A server may run.
 *
 * @throws Error that says what is not as it was
 */
export async function verifyAudit(path: string): Promise<void> {
  const data = dataDirectory(path)
  const root = await openRootKeyFile({ path: data.rootKey, mayCreate: false })
  const { findings } = await verifyData(data, root)
  if (findings.length > 0) throw new Error(findings.map(({ text }) => text).join('\n'))
}

/** The key in every Region, once the Regions agree; what was asked for last may have happened or not. */
async function settle(key: KnownKey, clients: Clients): Promise<ReadonlyMap<string, Found>> {
  const deadline = Date.now() + SETTLE_MS
  for (;;) {
    const found = new Map<string, Found>()
    for (const region of REGIONS) {
      const here = await find(key, clientOf(clients, region))
      if (here !== null) found.set(region, here)
    }
    const settled = [...found.values()]
    const shapes = new Set(settled.map(sharedPart))
    const isReady = key.imported === null ? settled.every(isEnabled) : areImportsSettled(settled)
    if (settled.length > 0 && isReady && shapes.size === 1) return found
    if (Date.now() > deadline) throw new Error(`${key.id} has not settled: ${JSON.stringify([...found])}`)
    await setTimeout(20)
  }
}

async function find({ id: KeyId, imported }: KnownKey, client: KMSClient): Promise<Found | null> {
  try {
    const since = Date.now()
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId }))
    if (KeyMetadata === undefined) return null
    const listing = new ListKeyRotationsCommand({ KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' })
    const { Rotations = [] } = imported === null ? {} : await client.send(listing)
    return { metadata: KeyMetadata, materials: Rotations, since, until: Date.now() }
  } catch (error) {
    if (isRefusal(error) && error.name === 'NotFoundException') return null
    throw error
  }
}

function isEnabled({ metadata: { KeyState } }: Found): boolean {
  return KeyState === 'Enabled'
}

function sharedPart({ metadata, materials }: Found): string {
  const { CurrentKeyMaterialId, MultiRegionConfiguration: of } = metadata
  const named = materials.map(({ KeyMaterialId, KeyMaterialState }) => [KeyMaterialId, KeyMaterialState])
  const replicas = of?.ReplicaKeys?.map(({ Region }) => Region)
  return JSON.stringify([CurrentKeyMaterialId, named, of?.PrimaryKey?.Region, replicas])
}

function verifyFamily(key: KnownKey, found: ReadonlyMap<string, KeyMetadata>): void {
  const primaries = [...found].filter(
    ([, of]) => of.MultiRegion !== true || of.MultiRegionConfiguration?.MultiRegionKeyType === 'PRIMARY',
  )
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
  const client = clientOf(clients, region)
  for (const { blob, plaintext } of chosen) {
    const opened =
      key.imported === null
        ? (await client.send(new DecryptCommand({ CiphertextBlob: blob }))).Plaintext
        : await openWithImports(key, key.imported, region, blob, client)
    if (opened === null) continue
    if (Buffer.from(opened ?? []).toString() !== plaintext) {
      throw new Error(`A ciphertext of ${key.id} does not open in ${region}`)
    }
  }
}

/** Every change that was answered has its record on disk, and no record is there twice. */
async function verifyRecords({ requests }: Ledger, path: string): Promise<void> {
  const recorded = new Set<string>()
  for (const log of [...REGIONS, 'global']) {
    for (const request of (await readRecords(path, log)).requestIds) recorded.add(request)
  }
  for (const request of requests) if (!recorded.has(request)) throw new Error(`Request ${request} has no record`)
  requests.clear()
}
