import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = '/sys/fs/cgroup'
const PERIOD_US = 100_000

/**
 * Gives a process no more than a share of one core, by a control group of Linux (version 1 or 2), until it is disposed
 * of: the process must have ended then.
 *
 * @throws Error where this user may make none
 */
export function limitShare(pid: number, share: number): Disposable {
  const isFirst = existsSync(join(ROOT, 'cpu'))
  const group = join(ROOT, isFirst ? 'cpu' : '', `keyspan-bench-${pid}`)
  const quota = Math.round(PERIOD_US * share)
  if (!isFirst) writeFileSync(join(ROOT, 'cgroup.subtree_control'), '+cpu')
  mkdirSync(group)
  if (isFirst) {
    writeFileSync(join(group, 'cpu.cfs_period_us'), String(PERIOD_US))
    writeFileSync(join(group, 'cpu.cfs_quota_us'), String(quota))
  } else writeFileSync(join(group, 'cpu.max'), `${quota} ${PERIOD_US}`)
  writeFileSync(join(group, 'cgroup.procs'), String(pid))
  return { [Symbol.dispose]: () => rmdirSync(group) }
}
