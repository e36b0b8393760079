import type { DataDirectory } from '../data/data-directory.ts'
import { metricsText, type Family } from './families.ts'
import { diskMetrics, measureLoop, processMetrics } from './machine-metrics.ts'
import { followerMetrics, type FollowerReport } from './node-metrics.ts'

/** Gathers what `/metrics` shows of a process that follows another, or stands by. */
export function collectFollower({
  data,
  report,
  more,
  release,
}: {
  readonly data: DataDirectory
  /** Null while it only stands by. */
  readonly report: () => FollowerReport | null
  /** What is counted. */
  readonly more: () => readonly Family[]
  /** The version of Keyspan. */
  readonly release: string
}): { text(): Promise<string>; stop(): void } {
  const loop = measureLoop()
  return {
    async text() {
      const machine = [...(await diskMetrics(data)), ...(await processMetrics(release))]
      return metricsText([...more(), loop.family(), ...followerMetrics(report()), ...machine])
    },
    stop: () => loop.stop(),
  }
}
