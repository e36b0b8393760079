import { statfs } from 'node:fs/promises'
import type { Region } from '../domain/region.ts'
import type { Drills } from '../services/keyspan/drills.ts'
import type {
  DescribedPeer,
  DescribedPlace,
  DescribedSystem,
  SystemView,
} from '../services/keyspan/operations/describe-system.ts'
import type { ClockWatch } from './clock-watch.ts'
import type { DataDirectory } from './data/data-directory.ts'
import type { Deployment } from './data/deployment.ts'
import { putBackNotices } from './disaster/put-back-notices.ts'
import type { Peers, PeerStatus } from './peers/peers.ts'
import { backlogs, type BacklogSources } from './regions/backlogs.ts'
import type { Regions } from './regions/regions.ts'
import type { Retention } from './trail/retention.ts'
import type { Transparency } from './transparency/transparency.ts'

/** What is looked at. */
interface SystemParts {
  readonly version: string
  readonly data: DataDirectory
  readonly regions: Regions
  readonly watch: Pick<ClockWatch, 'notice'>
  readonly transparency: Pick<Transparency, 'checkpoints' | 'notices'>
  readonly retention: Pick<Retention, 'notices'>
  readonly drills: Pick<Drills, 'faults' | 'operator' | 'development'>
  readonly loop: BacklogSources['loop']
  /** Null where all Regions are here. */
  readonly peers: Pick<Peers, 'report' | 'notices'> | null
  readonly deployment: Pick<Deployment, 'root' | 'stores'>
  readonly isHealthy: () => boolean
}

/** Describes a server to whoever runs it. */
export function createSystemView(parts: SystemParts): SystemView {
  return {
    version: parts.version,
    regions: parts.regions.served,
    operator: parts.drills.operator,
    faults: parts.drills.faults,
    describe: () => describe(parts),
  }
}

async function describe(parts: SystemParts): Promise<DescribedSystem> {
  const { data, drills, regions, watch, transparency, retention } = parts
  const unheard = await unheardOf(parts)
  const { home = null, peers = [] } = parts.peers?.report() ?? {}
  const checkpoints = new Map(transparency.checkpoints().map((each) => [each.place, each]))
  const { stores } = parts.deployment
  const places = ['global', ...[...regions].map(({ region }) => region)].map(async (place) => {
    const { at = null, witnesses = 0 } = checkpoints.get(place) ?? {}
    const { database: size } = await stores.bytes(place)
    const waiting = unheard.get(place) ?? { Unheard: 0, UnheardSince: null }
    return { Place: place, StoreBytes: size, CheckpointTime: timeOf(at), Witnesses: witnesses, ...waiting }
  })
  const disk = await statfs(data.path)
  return {
    Healthy: parts.isHealthy(),
    NodeVersion: process.version,
    RootKeyProvider: parts.deployment.root.kind,
    Development: drills.development,
    Places: await Promise.all(places),
    Peers: peers.map(describePeer),
    Home: home && { Region: home.region, HeardTime: timeOf(home.heardAt) },
    DiskFreeBytes: disk.bavail * disk.bsize,
    DiskSizeBytes: disk.blocks * disk.bsize,
    Notices: [
      watch.notice() ?? [],
      transparency.notices(),
      retention.notices(),
      await putBackNotices(regions),
      parts.peers?.notices() ?? [],
    ].flat(),
  }
}

type Waiting = Pick<DescribedPlace, 'Unheard' | 'UnheardSince'>

/** What each Region has said that others have yet to hear. */
async function unheardOf(sources: BacklogSources): Promise<ReadonlyMap<Region, Waiting>> {
  const found = new Map<Region, Waiting>()
  for await (const { source, messages, since } of backlogs(sources)) {
    if (since === null) continue
    const known = found.get(source)
    const first = Math.min(since, known?.UnheardSince?.getTime() ?? since)
    found.set(source, { Unheard: messages + (known?.Unheard ?? 0), UnheardSince: new Date(first) })
  }
  return found
}

function describePeer({ region, isTrusted, links }: PeerStatus): DescribedPeer {
  const heard = links.flatMap(({ heardAt }) => (heardAt === null ? [] : [heardAt]))
  return {
    Region: region,
    Trusted: isTrusted,
    HeardTime: heard.length === 0 ? null : new Date(Math.max(...heard)),
    Trouble: links.find(({ failure }) => failure !== null)?.failure?.reason ?? null,
  }
}

function timeOf(at: number | null): Date | null {
  return at === null ? null : new Date(at)
}
