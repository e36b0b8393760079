import { arnOf, type KeyRecord } from '../../domain/key.ts'
import type { RelatedKey } from './family-table.ts'
import type { OpenRegion } from '../regions/open-region.ts'

/** What keeps related keys from going on until somebody looks after it, in sentences. */
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
export async function troublesIn(
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
  const kept = await store.reads.keptMessages(key.account, key.id)
  return [
    ...damaged.map(
      ({ id }) =>
        `${arnOf(key)} has material ${id.slice(0, 12)}, which cannot be opened: its row in ${region} was damaged. ` +
        'Put the data of all Regions back from one backup; or delete this key, and replicate it again from a Region that has it whole.',
    ),
    ...(kept[0] === undefined
      ? []
      : [
          `${arnOf(key)} follows nobody: ${kept.length} of the messages that it has heard wait. The first, from ` +
            `${kept[0].source}: ${kept[0].reason} They are tried again at each start: upgrade this server.`,
        ]),
  ]
}
