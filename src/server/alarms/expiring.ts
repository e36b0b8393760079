import { keyArn, parseArn } from '../../domain/arn.ts'
import type { RegionHost } from '../../kernel/region-host.ts'
import { idFrom, type AlarmEvent } from './event.ts'

/** An imported material that expires soon. */
export interface Expiring {
  /** The key's ARN. */
  readonly key: string
  readonly material: string
  /** In milliseconds since 1970. */
  readonly expiresAt: number
}

const PAGE = 100

/** The imported materials that expire between two moments, in milliseconds since 1970. */
export async function* materialsExpiring(
  hosts: Iterable<Pick<RegionHost, 'region' | 'store'>>,
  from: number,
  to: number,
): AsyncGenerator<Expiring> {
  for (const { region, store } of hosts) {
    for (let after: string | null = null; ;) {
      const keys = await store.reads.dueKeys(to, { after, limit: PAGE })
      for (const { account, keyId } of keys) {
        const held = Object.entries((await store.reads.key(account, keyId))?.imports?.held ?? {})
        for (const [material, { expiresAt }] of held) {
          if (expiresAt === null || expiresAt <= from || expiresAt > to) continue
          yield { key: keyArn(region, account, keyId), material, expiresAt }
        }
      }
      if (keys.length < PAGE) break
      after = keys.at(-1)?.keyId ?? null
    }
  }
}

/**
 * The event of a material that is about to expire. No record tells it, and AWS has none: it is Keyspan's own.
 *
 * @param time when it was found, as events write it
 * @param alarms it is another event for each
 */
export function expiryEvent(
  { key, material, expiresAt }: Expiring,
  time: string,
  alarms: readonly string[],
): AlarmEvent {
  const type = 'Keyspan Imported Key Material Expires Soon'
  const { account = '', region = '' } = parseArn(key) ?? {}
  return {
    version: '0',
    id: idFrom(type, key, material, String(expiresAt), ...alarms),
    'detail-type': type,
    source: 'keyspan',
    account,
    time,
    region,
    resources: [key],
    detail: {
      'key-id': key.replace(/^.*:key\//, ''),
      'key-material-id': material,
      'expires-at': new Date(expiresAt).toISOString(),
    },
  }
}
