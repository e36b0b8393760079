import { createReadStream, existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** What of the records of a deployment is told apart here. */
export interface Recorded {
  readonly eventIds: ReadonlySet<string>
  readonly requestIds: ReadonlySet<string>
  /** Those of requests that were not refused. */
  readonly succeeded: ReadonlySet<string>
}

/**
 * Reads every record of a log.
 *
 * @throws Error where one is there twice, or a line is no record
 */
export async function readRecords(path: string, log: string): Promise<Recorded> {
  const eventIds = new Set<string>()
  const requestIds = new Set<string>()
  const succeeded = new Set<string>()
  const directory = join(path, 'audit', log)
  // A Region that was not used before the kill has no log.
  const files = existsSync(directory) ? await readdir(directory) : []
  for (const file of files.toSorted()) {
    for await (const line of createInterface(createReadStream(join(directory, file)))) {
      const { eventID, requestID, errorCode } = JSON.parse(line) as Readonly<Record<string, string>>
      if (eventID === undefined) throw new Error(`A record in the log of ${log} has no id`)
      if (eventIds.has(eventID)) throw new Error(`Record ${eventID} is twice in the log of ${log}`)
      eventIds.add(eventID)
      if (requestID === undefined) continue
      requestIds.add(requestID)
      if (errorCode === undefined) succeeded.add(requestID)
    }
  }
  return { eventIds, requestIds, succeeded }
}
