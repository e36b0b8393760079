import { existsSync } from 'node:fs'
import { dayAt } from '../../storage/audit/files.ts'
import { readAuditFiles } from '../../storage/audit/reader.ts'

/** What takes something away from somebody, and is itself taken back where data of before is put back. */
const RESTRICTING: ReadonlySet<string> = new Set([
  'DeleteAccessKey',
  'DeleteAlias',
  'DeleteExpiredKeyMaterial',
  'DeleteImportedKeyMaterial',
  'DeleteKey',
  'DisableKey',
  'PutKeyPolicy',
  'RetireGrant',
  'RevokeGrant',
  'ScheduleKeyDeletion',
  'UpdateAccessKey',
])
/** So many are told of. */
const MOST = 200

/** Something that was done after a moment, and is not true any more once data of that moment is put back. */
export interface TakenBack {
  readonly at: string
  readonly region: string
  readonly event: string
  /** The key or else what was asked for. */
  readonly about: string
}

/**
 * What was taken away from somebody since a moment, by the audit logs below a directory: the logs outlive the databases
 * that are put back. The first so many, and whether there are more.
 *
 * @param region null for all
 * @param since epoch milliseconds
 */
export async function takenBack(
  audits: string,
  region: string | null,
  since: number,
): Promise<{ readonly events: readonly TakenBack[]; readonly more: boolean }> {
  const events: TakenBack[] = []
  // Records tell whole seconds.
  const from = Math.floor(since / 1000) * 1000
  if (!existsSync(audits)) return { events, more: false }
  for await (const text of readAuditFiles(audits, dayAt(since))) {
    const event = readEvent(text)
    if (event === null || Date.parse(event.at) < from || (region !== null && event.region !== region)) continue
    if (events.length === MOST) return { events, more: true }
    events.push(event)
  }
  return { events, more: false }
}

interface Said {
  readonly eventTime: string
  readonly awsRegion: string
  readonly eventName: string
  readonly errorCode?: string
  readonly resources?: readonly { readonly ARN?: string }[]
  readonly requestParameters?: unknown
}

function readEvent(text: string): TakenBack | null {
  const name = /"eventName":"([^"]*)"/.exec(text)?.[1]
  if (name === undefined || !RESTRICTING.has(name)) return null
  const said = JSON.parse(text) as Said
  if (said.errorCode !== undefined) return null
  const about = said.resources?.[0]?.ARN ?? JSON.stringify(said.requestParameters ?? {})
  return { at: said.eventTime, region: said.awsRegion, event: said.eventName, about }
}

/** The same, for people. */
export function takenBackText({
  events,
  more,
}: {
  readonly events: readonly TakenBack[]
  readonly more: boolean
}): string {
  const lines = events.map(({ at, region, event, about }) => `  ${at}  ${region}  ${event}  ${about}\n`)
  return lines.join('') + (more ? '  ... and more\n' : '')
}
