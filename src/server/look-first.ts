import { requireFreeAddress } from './http/address.ts'
import { readRoots } from './attestation-roots.ts'
import { readTls } from './http/tls-files.ts'
import type { Config } from './config/config.ts'

/** What can be known to be wrong is, before anything is made. */
export async function lookFirst({ tls, attestationRoots, alarms, host, port }: Config) {
  const found = {
    tls: tls === null ? null : await readTls(tls),
    roots: await readRoots(attestationRoots),
    alarms: alarms === null ? null : (await import('./alarms/read-alarms.ts')).readAlarms(alarms, process.env),
  }
  await requireFreeAddress(host, port)
  return found
}
