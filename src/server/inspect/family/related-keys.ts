import { parseArn } from '../../../domain/arn.ts'
import type { Region } from '../../../domain/region.ts'
import type { KeySnapshot } from '../../../kernel/keys/snapshot.ts'
import type { RegionHost } from '../../../kernel/region-host.ts'
import { InspectionError } from '../inspection-error.ts'
import type { PlacedKey } from '../subjects.ts'

/** Where keys are. */
export type KeyHost = Pick<RegionHost, 'region' | 'keys' | 'store'>

/** The keys of this server that are related to a key, itself among them: itself alone, where it is single-Region. */
export async function relatedKeys(
  regions: Iterable<KeyHost>,
  key: string,
  elsewhere: readonly Region[],
): Promise<readonly PlacedKey<KeySnapshot>[]> {
  const present = await findRelated(regions, key)
  const named = parseArn(key)?.region ?? ''
  if (elsewhere.includes(named)) {
    throw new InspectionError(`${key} is in ${named}, which another server of this deployment serves. Ask there.`)
  }
  if (present.length === 0) throw new InspectionError(`${key} does not exist in any Region of this server.`)
  const region = parseArn(key)?.region
  if (!present.some((each) => each.region === region)) {
    const regions = present.map((each) => each.region).join(', ')
    throw new InspectionError(`${key} does not exist: related keys are in ${regions}. Give the ARN of one of them.`)
  }
  return present
}

/** Those keys, or none. */
export async function findRelated(regions: Iterable<KeyHost>, key: string): Promise<readonly PlacedKey<KeySnapshot>[]> {
  const arn = parseArn(key)
  const [, id] = /^key\/(.+)$/.exec(arn?.resource ?? '') ?? []
  if (arn === null || id === undefined) throw new InspectionError(`"${key}" is not the ARN of a key.`)
  const hosts = [...regions].filter(({ region }) => id.startsWith('mrk-') || region === arn.region)
  const found = await Promise.all(
    hosts.map(async ({ region, keys, store }) => ({
      region,
      reads: store.reads,
      snapshot: await keys.key(arn.account, id),
    })),
  )
  return found.flatMap(({ snapshot, ...place }) => (snapshot === null ? [] : [{ ...place, snapshot }]))
}
