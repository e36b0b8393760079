import { stat, statfs } from 'node:fs/promises'
import type { Drills } from '../services/keyspan/drills.ts'
import type { DescribedSystem, SystemView } from '../services/keyspan/operations/describe-system.ts'
import type { ClockWatch } from './clock-watch.ts'
import type { DataDirectory } from './data/data-directory.ts'
import type { OpenGlobal } from './regions/open-global.ts'
import type { Regions } from './regions/regions.ts'
import type { Retention } from './trail/retention.ts'
import type { Transparency } from './transparency/transparency.ts'

/** What is looked at. */
interface SystemParts {
  readonly version: string
  readonly data: DataDirectory
  readonly regions: Regions
  readonly global: OpenGlobal
  readonly watch: Pick<ClockWatch, 'notice'>
  readonly transparency: Pick<Transparency, 'checkpoints' | 'notices'>
  readonly retention: Pick<Retention, 'notices'>
  readonly drills: Pick<Drills, 'faults' | 'operator' | 'development'>
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
  const checkpoints = new Map(transparency.checkpoints().map((each) => [each.place, each]))
  const stores = [
    ['global', data.global] as const,
    ...[...regions].map(({ region }) => [region, data.region(region)] as const),
  ]
  const places = stores.map(async ([place, path]) => {
    const { at = null, witnesses = 0 } = checkpoints.get(place) ?? {}
    const { size } = await stat(path)
    return { Place: place, StoreBytes: size, CheckpointTime: at === null ? null : new Date(at), Witnesses: witnesses }
  })
  const disk = await statfs(data.path)
  return {
    NodeVersion: process.version,
    Development: drills.development,
    Places: await Promise.all(places),
    DiskFreeBytes: disk.bavail * disk.bsize,
    DiskSizeBytes: disk.blocks * disk.bsize,
    Notices: [watch.notice() ?? [], transparency.notices(), retention.notices()].flat(),
  }
}
