import { hash } from 'node:crypto'
import { holds, nextExpiry } from '../../../domain/imports.ts'
import type { MaterialId } from '../../../domain/material-id.ts'
import type { Region } from '../../../domain/region.ts'
import type { KeySnapshot } from '../../../kernel/keys/snapshot.ts'
import { deletionText, type DeletionStep } from './deletion.ts'
import type { FamilyMember, RelatedKey } from './members.ts'
import { MOST_UNHEARD, type Unheard } from './streams.ts'
import type { Wait } from './waits.ts'

/** Related keys side by side. */
export interface FamilyReport {
  readonly regions: readonly Region[]
  /** Regions that may have the key as well, and could not be asked. */
  readonly unasked: readonly Region[]
  /** Each with its value in each Region, in their order. */
  readonly properties: readonly {
    readonly name: string
    readonly values: readonly string[]
    readonly differs: boolean
  }[]
  /** All that have to do with the key: one that is to have it, too. */
  readonly members: readonly FamilyMember[]
  /** What is on its way between them. */
  readonly unheard: readonly Unheard[]
  readonly waits: readonly Wait[]
  readonly deletion: readonly DeletionStep[]
}

/** What related keys have, each with its value in each Region. */
export function familyProperties(related: readonly RelatedKey[]): FamilyReport['properties'] {
  const of = (name: string, value: (key: KeySnapshot) => string) => {
    const values = related.map(({ snapshot }) => value(snapshot))
    return { name, values, differs: new Set(values).size > 1 }
  }
  return [
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
}

/** Related keys side by side, for people. */
export function familyTable({ regions, unasked, properties, members, unheard, waits, deletion }: FamilyReport): string {
  const rows = properties.map(({ name, values, differs }) => [name, ...values, differs ? 'differs' : ''])
  return [
    table([['', ...regions, ''], ...rows]),
    ...unasked.map((region) => unaskedText(region, members)),
    ...waits.map(({ text, since }) => `${text}${sinceText(since)}`),
    ...unheard.map((each) => `${unheardText(each)}${sinceText(each.since)}`),
    ...deletionText(deletion),
  ].join('\n')
}

function unaskedText(region: Region, members: readonly FamilyMember[]): string {
  const role = members.find((each) => each.region === region)?.role
  const what =
    role === undefined
      ? 'whether the key is there is not known'
      : `the ${role === 'REPLICA' ? 'replica' : 'primary'} there is not shown`
  return `${region} could not be asked: ${what}. keyspan region status says why.`
}

function unheardText({ from, to, messages, isConnected }: Unheard): string {
  const many =
    messages === MOST_UNHEARD ? `${messages} messages or more` : messages === 1 ? '1 message' : `${messages} messages`
  return `${to} has yet to hear ${many} from ${from}${isConnected ? '' : ': nothing passes between them now'}.`
}

function sinceText(since: number | null): string {
  return since === null ? '' : ` Since ${new Date(since).toISOString()}.`
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
