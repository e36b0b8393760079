import type { Credentials } from './client.ts'

/** A Region as it is driven: one process with files, or several nodes on one database. */
export interface Room extends AsyncDisposable {
  readonly region: string
  /** Where clients reach it: any of them may be asked. */
  urls(): readonly string[]
  /** Where a node is reached that is held just now and knows nothing of it; null where none is. */
  heldUrl(): string | null
  /** The data directory of the process that serves. */
  path(): string
  /** Every data directory that it has, or has had. */
  paths(): readonly string[]
  /** Where other Regions reach it. */
  peerPort(): number
  credentials(): Promise<Credentials>
  /** Resolves as soon as it serves. */
  start(): Promise<void>
  /** Kills every process. */
  kill(): Promise<void>
  /** Brings about the fault of that number: kills or holds a process. Resolves when somebody serves. */
  fail(number: number): Promise<void>
  /** Keeps a copy of its data as it is, without its audit logs. Nothing of it runs. */
  copy(): Promise<void>
  /** Puts the copy in place of its data. */
  putCopyBack(): Promise<void>
  /** Begins anew, with no data at all, as a part of a deployment that has introduced itself. */
  beginAnew(introduction: Introduced): Promise<void>
  /** Says, while nothing of it runs, that its data was put back. */
  recover(): Promise<void>
  /** Says, while nothing of it runs, who has the accounts. */
  follow(home: string): Promise<void>
}

/** How a server introduces itself. */
export interface Introduced {
  readonly text: string
  readonly fingerprint: string
}

/** How a room is made. */
export interface RoomPlan {
  readonly region: string
  /** Where it is listened for others, at whatever port they are told. */
  readonly flags: readonly string[]
}

/** What cannot be reached is told by the log, and here it is what is tried. */
export const QUIET = { KEYSPAN_LOG: process.env['KEYSPAN_LOG'] ?? 'fatal' }
