import { isCommercialRegion, type Region } from '../../domain/region.ts'
import { ConfigError } from './config-error.ts'
import type { SettingName } from './settings.ts'
import { DEFAULT, readFiles, readPort, readRegions, type Value } from './values.ts'

/** The Regions of other servers. */
export interface PeersConfig {
  /** Where each is reached. */
  readonly urls: ReadonlyMap<Region, URL>
  /** Where they reach this one; null where it listens for none. */
  readonly listen: { readonly host: string; readonly port: number } | null
  /** How long a copy of accounts is good, in milliseconds; null for ever. */
  readonly staleMs: number | null
}

const SECOND_MS = 1000

/** @throws ConfigError */
export function readPeers(value: (name: SettingName) => Value): PeersConfig {
  const peer = value('peer')
  const urls = new Map<Region, URL>()
  for (const each of readFiles(peer)) {
    const [region, url] = readPeer(each, peer.from)
    if (urls.has(region))
      throw new ConfigError(`${region} is named twice as a peer (${peer.from}). It can be in one place.`)
    urls.set(region, url)
  }
  const own = value('regions').from === DEFAULT ? null : readRegions(value('regions'))
  const port = value('peer-port')
  const listens = port.text !== ''
  if (own === null && (urls.size > 0 || listens)) {
    throw new ConfigError(
      'A server with peers serves the Regions that it is told, and no others. Name them: --regions us-east-1',
    )
  }
  const both = own?.find((region) => urls.has(region))
  if (both !== undefined) {
    throw new ConfigError(
      `${both} is served here (--regions) and named as a peer (${peer.from}). It can be in one place.`,
    )
  }
  return {
    urls,
    listen: listens ? { host: value('peer-host').text, port: readPort(port) } : null,
    staleMs: readStale(value('accounts-stale')),
  }
}

function readPeer(text: string, from: string): readonly [Region, URL] {
  const [, region = '', address = ''] = /^([^=]*)=(.*)$/.exec(text) ?? []
  const url = URL.canParse(address) ? new URL(address) : null
  if (!isCommercialRegion(region) || url === null) {
    throw new ConfigError(
      `The peer "${text}" from ${from} is not a Region and an address, such as eu-west-1=https://10.0.0.2:7701.`,
    )
  }
  if (
    url.protocol !== 'https:' ||
    url.port === '' ||
    url.pathname !== '/' ||
    url.search !== '' ||
    url.username !== ''
  ) {
    throw new ConfigError(
      `The address "${address}" of the peer ${region} from ${from} is not https, a host and a port, such as ` +
        'https://10.0.0.2:7701.',
    )
  }
  return [region, url]
}

function readStale({ text, from }: Value): number | null {
  if (text === 'never') return null
  const seconds = Number(text)
  if (/^\d+$/.test(text) && seconds > 0) return seconds * SECOND_MS
  throw new ConfigError(`"${text}" from ${from} is neither a whole number of seconds from 1 on nor "never".`)
}
