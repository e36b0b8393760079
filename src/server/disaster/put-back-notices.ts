import { putBackOf } from '../../replication/lives.ts'
import type { RegionHost } from '../../kernel/region-host.ts'

/** What an operator must know of Regions that have noticed that they were put back, until somebody agrees to it. */
export async function putBackNotices(
  hosts: Iterable<Pick<RegionHost, 'region' | 'store'>>,
): Promise<readonly string[]> {
  const notices: string[] = []
  for (const { region, store } of hosts) {
    const putBack = await putBackOf(store.reads)
    if (putBack === null) continue
    notices.push(
      `${region} was put back from a backup, by what it noticed ${new Date(putBack.at).toISOString()}: ${putBack.why}. What ` +
        `was disabled, revoked or deleted since may live again: keyspan region recover ${region}`,
    )
  }
  return notices
}
