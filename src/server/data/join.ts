import { requireHomeIn, type Introduction } from '../peers/introduction.ts'
import { readSeat } from '../peers/home-seat.ts'
import { marksOfCopy } from '../peers/trusted-peers.ts'
import { DataDirectoryError, lockDataDirectory, type DataDirectory } from './data-directory.ts'
import { openKeptRoot } from '../trust/open-root.ts'
import { beginJoinedDeployment } from './deployment.ts'

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
  const { id, store } = await beginJoinedDeployment(data, await openRoot(), now, joined)
  try {
    if (id === deployment && (await readSeat(store)).home === home) return
    throw new DataDirectoryError(
      `${data.path} holds the data of a deployment already, which cannot join another. Give --data another directory.`,
    )
  } finally {
    await store.close()
  }
}
