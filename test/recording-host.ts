import type { X509Certificate } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Region } from '../src/domain/region.ts'
import type { Caller } from '../src/kernel/identities/caller.ts'
import type { Refusal } from '../src/kernel/access/need.ts'
import { createIdentities } from '../src/kernel/identities/identities.ts'
import { createInvoker } from '../src/kernel/invoke.ts'
import type { KeySnapshot } from '../src/kernel/keys/snapshot.ts'
import type { Operation } from '../src/kernel/operation.ts'
import { createPeople } from '../src/kernel/people.ts'
import { dataDirectory, lockDataDirectory } from '../src/server/data/data-directory.ts'
import { openDeployment } from '../src/server/data/deployment.ts'
import { passingRootKey } from '../src/server/data/root-key.ts'
import { openGlobal } from '../src/server/regions/open-global.ts'
import { introduce } from '../src/server/regions/acquaint.ts'
import { openRegion } from '../src/server/regions/open-region.ts'
import { createRegions } from '../src/server/regions/regions.ts'
import { startReplicationLoop } from '../src/server/regions/replication-loop.ts'

/** What one call came to. */
export interface RecordedCall {
  /** Every permission that the operation asked for, in its order. */
  readonly asked: readonly Refusal[]
  /** The answer, or the error that it ended with. */
  readonly answer: unknown
}

/** Regions without a wire, in which every permission that is asked for and refused is recorded and let pass. */
export interface RecordingHost extends AsyncDisposable {
  call(operation: Operation, body: Readonly<Record<string, unknown>>, caller: Caller): Promise<RecordedCall>
  /** Waits until no Region has anything new to hear. */
  settle(): Promise<void>
  key(region: Region, account: string, id: string): Promise<KeySnapshot | null>
}

/** Calls are made in the first of `regions`. */
export async function startRecordingHost(
  regions: readonly [Region, ...Region[]],
  attestationRoots: readonly X509Certificate[] = [],
): Promise<RecordingHost> {
  await using opened = new AsyncDisposableStack()
  const path = await mkdtemp(join(tmpdir(), 'keyspan-'))
  opened.defer(() => rm(path, { recursive: true }))
  const data = dataDirectory(path)
  opened.use(await lockDataDirectory(data))
  const deployment = await openDeployment(data, passingRootKey(), Date.now())
  opened.defer(() => deployment.store.close())
  const hosts = createRegions(regions, (region) => openRegion(region, data, deployment, 'normal', Date.now))
  opened.defer(() => hosts.close())
  hosts.onOpen(introduce)
  for (const region of regions) await hosts.open(region)
  const global = await openGlobal(data, deployment, 'normal', Date.now, () => null)
  opened.defer(() => global.audit.close())
  let asked: Refusal[] = []
  const people = createPeople(
    global.store.reads,
    createIdentities(global),
    {
      isEnforced(refusal) {
        asked.push(refusal)
        return false
      },
      remember() {},
    },
    attestationRoots,
  )
  const loop = await startReplicationLoop(hosts, Date.now, async () => true, { retry() {}, alarm() {} })
  opened.defer(() => loop.stop())
  const invoker = createInvoker(
    hosts,
    global,
    people,
    { isConnected: loop.lines.isConnected, remote: null },
    null,
    (error) => {
      throw error
    },
  )
  const running = opened.move()
  return {
    async call(operation, body, caller) {
      asked = []
      const request = { requestId: 'recorded', now: Date.now(), sourceIp: '127.0.0.1', userAgent: 'test', secure: true }
      const service = { eventSource: 'kms.amazonaws.com', scope: 'region' } as const
      const answering = invoker.invoke(service, operation, body, { ...request, region: regions[0], caller })
      const answer = await answering.catch((error: unknown) => error)
      return { asked, answer }
    },
    settle: () => loop.settle(),
    key: async (region, account, id) => (await hosts.get(region)?.keys.key(account, id)) ?? null,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
