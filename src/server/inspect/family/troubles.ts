import { arnOf, type KeyRecord } from '../../../domain/key.ts'
import type { RelatedKey } from './members.ts'
import type { OpenRegion } from '../../regions/open-region.ts'

/** What of related keys is damaged, in sentences. */
export async function troublesOf(
  regions: Iterable<OpenRegion>,
  related: readonly RelatedKey[],
): Promise<readonly string[]> {
  const found = related.map(async ({ region, snapshot }) => {
    const host = [...regions].find((each) => each.region === region)
    return host === undefined ? [] : troublesIn(host, snapshot.record)
  })
  return (await Promise.all(found)).flat()
}

/** The same of one Region's key. */
async function troublesIn(
  { region, store, vault }: Pick<OpenRegion, 'region' | 'store' | 'vault'>,
  key: KeyRecord,
): Promise<readonly string[]> {
  const damaged = (await store.reads.materialsOf(key.account, key.id)).filter((stored) => {
    try {
      vault.open(key, stored)
      return false
    } catch {
      return true
    }
  })
  return damaged.map(
    ({ id }) =>
      `${arnOf(key)} has material ${id.slice(0, 12)}, which cannot be opened: its row in ${region} was damaged. ` +
      'Put the data of all Regions back from one backup; or delete this key, and replicate it again from a Region that has it whole.',
  )
}
