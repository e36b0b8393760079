import { readdir, statfs } from 'node:fs/promises'
import { version } from 'node:process'
import type { DataDirectory } from '../data/data-directory.ts'
import type { Engine } from '../engine.ts'
import { createHistogram, gauge, total, type Family, type Sample } from './families.ts'

/** How often the event loop is asked for its turn, in milliseconds. */
const BEAT_MS = 100
const BOUNDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]

/** Measures how late the event loop is: what every request waits for besides. */
export function measureLoop(): { family(): Family; stop(): void } {
  const lag = createHistogram('keyspan_event_loop_lag_seconds', 'How late the event loop gives turns.', [], BOUNDS)
  let due = performance.now() + BEAT_MS
  const timer = setInterval(() => {
    const now = performance.now()
    lag.observe({}, Math.max(0, now - due) / 1000)
    due = now + BEAT_MS
  }, BEAT_MS)
  timer.unref()
  return { family: () => lag.family(), stop: () => clearInterval(timer) }
}

/** The size of databases, what was changed in them, and the room that is left for them. */
export async function storeMetrics(
  data: DataDirectory,
  { regions, global, stores }: Stores,
): Promise<readonly Family[]> {
  const places = [
    ...[...regions].map(({ region, store }) => ({ region, store })),
    { region: 'global', store: global.store },
  ]
  const bytes: Sample[] = []
  for (const { region } of places) {
    const { database, log } = await stores.bytes(region)
    bytes.push({ labels: { region, file: 'database' }, value: database })
    bytes.push({ labels: { region, file: 'log' }, value: log })
  }
  const changes = places.map(({ region, store }): Sample => ({ labels: { region }, value: store.changes() }))
  return [
    gauge('keyspan_store_bytes', 'The size of a database, and of the log of what was last written to it.', bytes),
    total('keyspan_store_changes_total', 'Changes that were committed in the life of a database.', changes),
    ...(await diskMetrics(data)),
  ]
}

/** The room on the disk of a data directory. */
export async function diskMetrics(data: DataDirectory): Promise<readonly Family[]> {
  const disk = await statfs(data.path)
  return [
    gauge('keyspan_disk_free_bytes', 'What is free on the disk of the data directory.', disk.bavail * disk.bsize),
    gauge('keyspan_disk_size_bytes', 'The size of that disk.', disk.blocks * disk.bsize),
  ]
}

type Stores = Pick<Engine, 'regions' | 'global' | 'stores'>

/** The process, by the names that Prometheus' own clients use; and what runs in it. */
export async function processMetrics(release: string): Promise<readonly Family[]> {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  const began = (Date.now() - process.uptime() * 1000) / 1000
  // Only Linux says it.
  const files = await readdir('/proc/self/fd').catch(() => null)
  return [
    gauge('keyspan_build_info', 'What runs here.', [{ labels: { version: release, node: version }, value: 1 }]),
    total('process_cpu_seconds_total', 'Processor time, in the program and for it.', (user + system) / 1e6),
    gauge('process_resident_memory_bytes', 'Memory of the process.', rss),
    gauge('process_start_time_seconds', 'When the process began, in seconds of the epoch.', began),
    gauge('nodejs_heap_size_used_bytes', 'Memory of objects.', heapUsed),
    gauge('process_open_fds', 'Open files and sockets.', files === null ? [] : files.length),
  ]
}
