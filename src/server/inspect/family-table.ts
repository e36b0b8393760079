import { hash } from 'node:crypto'
import { holds, nextExpiry, regionsLacking } from '../../domain/imports.ts'
import { arnOf, stagedMaterial } from '../../domain/key.ts'
import type { MaterialId } from '../../domain/material-id.ts'
import type { Region } from '../../domain/region.ts'
import type { KeySnapshot } from '../../kernel/keys/snapshot.ts'

/** One of the keys that are related to each other. */
export interface RelatedKey {
  readonly region: Region
  readonly snapshot: KeySnapshot
}

/** Related keys side by side. */
export interface FamilyReport {
  readonly regions: readonly Region[]
  /** Each with its value in each Region, in their order. */
  readonly properties: readonly {
    readonly name: string
    readonly values: readonly string[]
    readonly differs: boolean
  }[]
  /** What is on its way, and what a deletion or rotation waits for, in sentences. */
  readonly waits: readonly string[]
}

/** Compares related keys. */
export function familyReport(related: readonly RelatedKey[]): FamilyReport {
  const of = (name: string, value: (key: KeySnapshot) => string) => {
    const values = related.map(({ snapshot }) => value(snapshot))
    return { name, values, differs: new Set(values).size > 1 }
  }
  const properties = [
    of('role', ({ record }) =>
      record.family === null ? 'single-Region' : record.family.authority ? 'primary' : 'replica',
    ),
    of('state', ({ state }) => state),
    of('material', ({ record }) => (record.current === null ? '-' : short(record.current))),
    of('materials', ({ record }) => String(record.materials.length)),
    ...(related.some(({ snapshot }) => snapshot.record.imports !== undefined)
      ? [
          of(
            'imported',
            (key) => `${key.record.materials.length - missing(key).length} of ${key.record.materials.length}`,
          ),
          of('missing', (key) => missing(key).map(short).join(' ') || '-'),
          of('expires', ({ record }) => expiry(nextExpiry(record))),
        ]
      : []),
    of('rotation', ({ record }) => (record.rotation === null ? 'off' : `every ${record.rotation.periodDays} days`)),
    of('aliases', ({ aliases }) => aliases.join(' ') || '-'),
    of('tags', ({ record }) => record.tags.map(({ key, value }) => `${key}=${value}`).join(' ') || '-'),
    of('description', ({ record }) => record.description || '-'),
    of('policy', ({ record }) => fingerprint(record.policy)),
  ]
  const waits = related.flatMap(({ snapshot }) => [...onTheirWay(snapshot), ...blocks(snapshot)])
  return { regions: related.map(({ region }) => region), properties, waits }
}

/** The same for people. */
export function familyTable({ regions, properties, waits }: FamilyReport): string {
  const rows = properties.map(({ name, values, differs }) => [name, ...values, differs ? 'differs' : ''])
  return [table([['', ...regions, ''], ...rows]), ...waits].join('\n')
}

/** Replicas that cannot be used yet. */
function onTheirWay({ record }: KeySnapshot): readonly string[] {
  return Object.entries(record.family?.authority?.members ?? {})
    .filter(([, { active }]) => !active)
    .map(([region, { birth, full }]) => {
      if (birth !== null) return `A replica in ${region} is on its way: that Region has not heard of it yet.`
      const what = full ? 'has not said yet that it is in use' : 'has not all key material yet'
      return `A replica in ${region} is on its way: it is there, and ${what}.`
    })
}

/** What holds a deletion or a rotation up. */
function blocks({ record }: KeySnapshot): readonly string[] {
  const members = Object.entries(record.family?.authority?.members ?? {})
  const lines: string[] = []
  if (record.deletion !== null && record.deletion.at === null) {
    lines.push(`${arnOf(record)} waits to be deleted until these are: ${members.map(([region]) => region).join(', ')}.`)
  }
  const staged = stagedMaterial(record)
  if (staged === null) return lines
  if (record.imports !== undefined) {
    if (record.family !== null && record.family.authority === null) return lines
    const lacking = regionsLacking(record, staged.id)
    lines.push(
      lacking.length === 0
        ? `${arnOf(record)} waits for RotateKeyOnDemand: the new material ${short(staged.id)} is imported everywhere.`
        : `${arnOf(record)} waits to rotate until the new material ${short(staged.id)} is imported in: ${lacking.join(', ')}.`,
    )
  } else if (record.family?.authority && staged.requested !== null) {
    const waiting = members.filter(([, member]) => member.full && !member.holdsStaged).map(([region]) => region)
    lines.push(`${arnOf(record)} waits to rotate until the new material is in: ${waiting.join(', ') || 'use'}.`)
  }
  return lines
}

/** The materials that are to be imported in this Region, the oldest first. */
function missing({ record }: KeySnapshot): readonly MaterialId[] {
  return record.materials.flatMap(({ id }) => (holds(record, id) ? [] : [id]))
}

function short(id: MaterialId): string {
  return id.slice(0, 12)
}

function expiry(at: number | null): string {
  return at === null ? '-' : new Date(at).toISOString()
}

/** Enough of a policy to see whether two are the same: spaces do not count. */
function fingerprint(policy: string): string {
  return hash('sha256', policy.replaceAll(/\s+/g, '')).slice(0, 12)
}

/** Rows with their columns in line. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
