import { requireHomeIn, type Introduction } from '../peers/introduction.ts'
import { readSeat } from '../peers/home-seat.ts'
import { marksOfCopy } from '../peers/trusted-peers.ts'
import { DataDirectoryError, lockDataDirectory, type DataDirectory } from './data-directory.ts'
import { openKeptRoot } from '../trust/open-root.ts'
import { recordDeploymentEvent } from '../../kernel/audit.ts'
import { beginJoinedDeployment } from './deployment.ts'
import { withOfflineJournal } from './offline-journal.ts'

/**
 * Begins, in an empty data directory, a part of a deployment whose accounts are elsewhere. What was begun so already
 * stays as it is.
 *
 * @throws DataDirectoryError where it holds other data
 */
export async function joinDeployment(
  data: DataDirectory,
  introduction: Introduction,
  now: number,
  openRoot = () => openKeptRoot(data),
): Promise<void> {
  requireHomeIn(introduction)
  using _lock = await lockDataDirectory(data)
  const { deployment, home, regions } = introduction
  const joined = { deployment, marks: marksOfCopy(home, regions) }
  const begun = await beginJoinedDeployment(data, await openRoot(), now, joined)
  const { id, store } = begun
  try {
    if (id === deployment && (await readSeat(store)).home === home) {
      const requestParameters = { deployment, home, regions: regions.map(({ region }) => region) }
      const record = recordDeploymentEvent({ eventName: 'JoinDeployment', now, requestParameters })
      return await withOfflineJournal(data, begun, (journal) => journal.transaction((_writes, note) => note(record)))
    }
    throw new DataDirectoryError(
      `${data.path} holds the data of a deployment already, which cannot join another. Give --data another directory.`,
    )
  } finally {
    await store.close()
  }
}
