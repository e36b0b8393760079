import { fileOpener } from '../../storage/house/sqlite-house.ts'
import type { Moment, StoreHouse } from '../../storage/house/store-house.ts'
import { copiesOfLogs, pathInBackup, type BackupMoment, type Writer } from './backup.ts'
import { bringUp, fillStore } from './copy-stores.ts'
import type { DataDirectory } from './data-directory.ts'

/**
 * Every store of a database as it is at one moment, to be written as a file of SQLite, and every log of this process with
 * the length that it has then.
 *
 * @param writers the stores that may change: they wait while the moment begins
 */
export async function databaseMoment(
  data: DataDirectory,
  stores: StoreHouse & { readonly moment: () => Promise<Moment> },
  writers: readonly Writer[],
): Promise<BackupMoment> {
  const places = await stores.places()
  for (const place of places) await bringUp(stores, place)
  // A log has no record of what is not in its store.
  const { moment, logs } = await whileStill(writers, async () => {
    const begun = await stores.moment()
    return { moment: begun, logs: copiesOfLogs(data) }
  })
  const copies = places.map((place) => ({
    path: pathInBackup(place),
    write: (target: string) => fillStore(moment.of(place), fileOpener(target), place),
  }))
  return { copies: [...copies, ...logs], close: async () => moment[Symbol.asyncDispose]() }
}

/** Does something within a transaction of each store, which changes nothing. */
function whileStill<Result>([writer, ...others]: readonly Writer[], work: () => Promise<Result>): Promise<Result> {
  return writer === undefined ? work() : writer.transaction(() => whileStill(others, work))
}
