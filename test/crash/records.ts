import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** What of the records of a deployment is told apart here. */
export interface Recorded {
  readonly eventIds: ReadonlySet<string>
  readonly requestIds: ReadonlySet<string>
}

/**
 * Reads every record of a log.
 *
 * @throws Error where one is there twice, or a line is no record
 */
export async function readRecords(path: string, log: string): Promise<Recorded> {
  const eventIds = new Set<string>()
  const requestIds = new Set<string>()
  const directory = join(path, 'audit', log)
  for (const file of (await readdir(directory)).toSorted()) {
    for await (const line of createInterface(createReadStream(join(directory, file)))) {
      const { eventID, requestID } = JSON.parse(line) as { eventID: string; requestID?: string }
      if (eventIds.has(eventID)) throw new Error(`Record ${eventID} is twice in the log of ${log}`)
      eventIds.add(eventID)
      if (requestID !== undefined) requestIds.add(requestID)
    }
  }
  return { eventIds, requestIds }
}
