import { putBackOf, type PutBack } from '../../replication/lives.ts'
import type { Region } from '../../domain/region.ts'
import type { RegionHost } from '../../kernel/region-host.ts'

/** What an operator must know of Regions that have noticed that they were put back, or count as gone, until somebody agrees. */
export async function putBackNotices(
  hosts: Iterable<Pick<RegionHost, 'region' | 'store'>>,
): Promise<readonly string[]> {
  const notices: string[] = []
  for (const { region, store } of hosts) {
    const putBack = await putBackOf(store.reads)
    if (putBack === null) continue
    notices.push(noticeText(region, putBack))
  }
  return notices
}

function noticeText(region: Region, { at, why, isDeclared }: PutBack): string {
  const when = new Date(at).toISOString()
  return isDeclared
    ? `${region} was declared to be gone for good, as it heard ${when}: ${why}. It is nobody's primary until all others ` +
        `have answered: keyspan region recover ${region}. Then, where it is not trusted any more: keyspan region trust`
    : `${region} was put back from a backup, by what it noticed ${when}: ${why}. What was disabled, revoked or deleted ` +
        `since may live again: keyspan region recover ${region}`
}
