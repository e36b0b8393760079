import { KEY_SPECS } from '../../domain/key-spec.ts'
import { arnOf, currentGeneration, type KeyRecord } from '../../domain/key.ts'
import { roleOf } from '../../domain/multi-region.ts'
import { defaultKeyPolicy } from '../../kernel/keys/policy.ts'
import type { RegionReads } from '../../storage/store.ts'
import type { OpenRegion } from '../regions/open-region.ts'
import { documentOf } from './export-identities.ts'
import type { ExportSources } from './export-sources.ts'
import { materialText } from './material.ts'
import { present } from './present.ts'
import type { KeyContent, ReplicaContent } from './schema.ts'

const PAGE = 500

/** A key in one Region. */
interface Local {
  readonly host: OpenRegion
  readonly record: KeyRecord
}

/** The keys of each account, but those that AWS manages: they are made again when they are first used. */
export async function exportKeys(
  sources: ExportSources,
  accounts: readonly string[],
  note: (sentence: string) => void,
): Promise<ReadonlyMap<string, KeyContent[]>> {
  const hosts = [...sources.regions].toSorted((a, b) => (a.region < b.region ? -1 : 1))
  const keys = new Map<string, KeyContent[]>()
  for (const account of accounts) {
    const locals: Local[] = []
    for (const host of hosts) {
      const records = await pages(
        (page) => host.store.reads.keys(account, page),
        ({ id }) => id,
      )
      locals.push(...records.filter(({ service }) => service === undefined).map((record) => ({ host, record })))
    }
    const families = Map.groupBy(locals, ({ record }) => (record.family === null ? arnOf(record) : record.id))
    const exported: KeyContent[] = []
    for (const family of families.values()) {
      const key = await exportFamily(family, sources, note)
      if (key !== null) exported.push(key)
    }
    keys.set(
      account,
      exported.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)),
    )
  }
  return keys
}

function nameOf({ KeyId, Region }: KeyContent): string {
  return `${KeyId} ${Region}`
}

async function exportFamily(
  family: readonly Local[],
  { material }: ExportSources,
  note: (sentence: string) => void,
): Promise<KeyContent | null> {
  const primary = family.find(({ record }) => roleOf(record.family) === 'PRIMARY')
  if (primary === undefined) {
    note(
      `${family.map(({ record }) => arnOf(record)).join(', ')}: its primary is moving, or elsewhere. It is left out.`,
    )
    return null
  }
  const { record } = primary
  const { id, region, spec, usage, origin, rotation } = record
  const replicas = family.filter((local) => local !== primary)
  const Replicas: ReplicaContent[] = []
  const KeyMaterials = material ? await materialsOf(primary, note) : []
  const isEmpty = origin === 'EXTERNAL' && KeyMaterials.length === 0
  if (isEmpty && replicas.length > 0) {
    note(`${arnOf(record)}: without its imported material a key has no replicas. They are left out.`)
  }
  for (const replica of isEmpty ? [] : replicas) {
    Replicas.push({ Region: replica.record.region, ...(await ownOf(replica)), ...lackOf(replica, primary) })
  }
  return {
    KeyId: id,
    Region: region,
    KeySpec: spec,
    KeyUsage: usage,
    ...(origin === 'EXTERNAL' && { Origin: origin }),
    ...(await ownOf(primary)),
    ...present({ KeyMaterials }),
    ...(rotation !== null && { KeyRotationEnabled: true, RotationPeriodInDays: rotation.periodDays }),
    ...present({ Replicas }),
  }
}

/** What related keys each have of their own. */
async function ownOf({ host, record }: Local) {
  const { reads } = host.store
  const { account, id, description, policy, tags, enabled, deletion } = record
  const aliases = await pages(
    (page) => reads.aliases(account, id, page),
    ({ name }) => name,
  )
  return {
    ...present({ Description: description }),
    ...(policy !== defaultKeyPolicy(account) && { Policy: documentOf(policy) }),
    ...present({
      Tags: tags.map(({ key, value }) => ({ TagKey: key, TagValue: value })),
      Aliases: aliases.map(({ name }) => name),
      Grants: await grantsOf(record, reads),
    }),
    ...(!enabled && { Enabled: false }),
    ...(deletion !== null && { PendingWindowInDays: deletion.windowDays }),
  }
}

async function grantsOf({ account, id: keyId }: KeyRecord, reads: RegionReads) {
  const everybody = { id: null, grantee: null }
  const grants = await pages(
    (page) => reads.grants(account, keyId, everybody, page),
    ({ id }) => id,
  )
  return grants.map(({ id, name, grantee, retiring, operations, constraints, issuingAccount }) => ({
    GrantId: id,
    ...present({ Name: name ?? undefined }),
    GranteePrincipal: grantee.arn,
    ...(retiring !== null && { RetiringPrincipal: retiring.arn }),
    Operations: [...operations],
    ...(constraints !== null && { Constraints: { [constraints.type]: constraints.pairs } }),
    ...(issuingAccount !== account && { IssuingAccount: issuingAccount }),
  }))
}

/** A Region into which not all was imported that the primary has. */
function lackOf({ record }: Local, { record: { imports } }: Local): Pick<ReplicaContent, 'HasMaterial'> {
  if (record.imports === undefined || imports === undefined) return {}
  const lacks = Object.keys(imports.held).some((id) => !Object.hasOwn(record.imports?.held ?? {}, id))
  return lacks ? { HasMaterial: false } : {}
}

/** The materials up to the one in use, in base64. */
async function materialsOf({ host, record }: Local, note: (sentence: string) => void): Promise<string[]> {
  const stored = await host.store.reads.materialsOf(record.account, record.id)
  const last = currentGeneration(record)
  const used = stored.filter(({ generation }) => generation <= last)
  if (used.length < last) {
    note(`${arnOf(record)}: imported key material of it is not here. Its materials are left out.`)
    return []
  }
  if (KEY_SPECS[record.spec].rotatable && stored.length > used.length) {
    note(`${arnOf(record)}: the material to which it is to be rotated next is left out.`)
  }
  if (Object.values(record.imports?.held ?? {}).some(({ expiresAt }) => expiresAt !== null)) {
    note(`${arnOf(record)}: its imported material expires, and does not in the seed.`)
  }
  return used.map((each) => materialText(host.vault.open(record, each)))
}

async function pages<Item>(
  read: (page: { readonly after: string | null; readonly limit: number }) => Promise<readonly Item[]>,
  nameOf: (item: Item) => string,
): Promise<readonly Item[]> {
  const all: Item[] = []
  for (;;) {
    const last = all.at(-1)
    const page = await read({ after: last === undefined ? null : nameOf(last), limit: PAGE })
    all.push(...page)
    if (page.length < PAGE) return all
  }
}
