import { setTimeout } from 'node:timers/promises'
import pLimit from 'p-limit'
import type { GlobalHost } from '../../kernel/global-host.ts'
import type { Identities } from '../../kernel/identities/identities.ts'
import type { Invoker } from '../../kernel/invoke.ts'
import type { Operation } from '../../kernel/operation.ts'
import type { ServiceEndpoint } from '../../protocol/dispatch.ts'
import type { ReadDrift } from '../../services/cloudformation/drift.ts'
import type { MakingService, Receipts, Workshop } from '../../services/cloudformation/worker/workshop.ts'
import { randomSecret } from '../../crypto/random.ts'
import { DAY_MS } from '../../domain/limits.ts'
import type { OpenRegion } from './open-region.ts'
import { queryInput } from './query-input.ts'
import type { Regions } from './regions.ts'
import type { ReplicationLoop } from './replication-loop.ts'

/** How soon what has failed inside the server is tried again. */
const RETRY_MS = 1000
/** How many stacks are worked on at once. Most that take long only wait. */
const AT_ONCE = 100
/** How long a deleted stack can be looked at (CloudFormation User Guide, "View deleted stacks"). */
const REMEMBERED_MS = 90 * DAY_MS
/** How often it is looked for what is older. */
const FORGET_MS = 60 * 60 * 1000

/** Goes on with what is being done to stacks. */
export interface StackLoop {
  readonly readDrift: ReadDrift
  /** Leaves what is under way to the next start. */
  stop(): Promise<void>
}

/** What the work on stacks is done with. */
export interface StackTools {
  readonly regions: Regions
  readonly global: GlobalHost
  readonly identities: Identities
  readonly invoker: Invoker
  /** Those whose operations make resources. */
  readonly services: ReadonlyMap<string, ServiceEndpoint>
  readonly loop: Pick<ReplicationLoop, 'lines'>
  readonly now: () => number
  /** Asked before what time brings is done. */
  readonly mayAct: () => Promise<boolean>
  readonly onError: (error: unknown, what: string) => void
}

/** Starts the loop over the Regions that are open, and those that will be. */
export function startStackLoop(tools: StackTools): StackLoop {
  const { regions, onError } = tools
  const stopping = new AbortController()
  const limit = pLimit(AT_ONCE)
  const running = new Map<string, Promise<void>>()

  const work = async (host: OpenRegion, account: string, id: string): Promise<void> => {
    const shop = workshopOf(host, tools, stopping.signal)
    while (!shop.isStopped()) {
      try {
        const { advance } = await import('../../services/cloudformation/worker/advance.ts')
        return await limit(() => advance(shop, account, id))
      } catch (error) {
        onError(error, `stack ${id} in ${host.region}`)
        await shop.sleep(RETRY_MS)
      }
    }
  }
  const wake = async (host: OpenRegion): Promise<void> => {
    if (stopping.signal.aborted) return
    for (const { account, id } of await host.store.reads.busyStacks()) {
      if (running.has(id)) continue
      const end = (): void => {
        running.delete(id)
        // Another operation may have begun while this one ended.
        wakeLater(host)
      }
      running.set(id, work(host, account, id).finally(end))
    }
  }
  const wakeLater = (host: OpenRegion): void => {
    wake(host).catch((error: unknown) => onError(error, `stacks in ${host.region}`))
  }
  const forget = async (): Promise<void> => {
    if (!(await tools.mayAct())) return
    const before = tools.now() - REMEMBERED_MS
    for (const { journal, store } of regions) {
      if (await store.reads.hasStacksDeleted(before)) await journal.transaction((writes) => writes.forgetStacks(before))
    }
  }
  const add = (host: OpenRegion): void => {
    host.store.onCommit(({ busy }) => {
      if (busy.some((id) => !running.has(id))) wakeLater(host)
    })
    wakeLater(host)
  }
  for (const host of regions) add(host)
  regions.onOpen(add)
  const timer = setInterval(() => {
    forget().catch((error: unknown) => onError(error, 'deleted stacks'))
  }, FORGET_MS)

  return {
    async readDrift(call, stack, logicalIds) {
      const host = await regions.open(call.region)
      const { readDrift } = await import('../../services/cloudformation/worker/read-drift.ts')
      return readDrift(workshopOf(host, tools, stopping.signal), call, stack, logicalIds)
    },
    async stop() {
      clearInterval(timer)
      stopping.abort()
      await Promise.all(running.values())
    },
  }
}

function workshopOf(host: OpenRegion, tools: StackTools, stopping: AbortSignal): Workshop {
  const { region, store, journal } = host
  return {
    region,
    reads: store.reads,
    transaction: (work) => journal.transaction((writes) => work(writes)),
    now: tools.now,
    random: randomSecret,
    callerFrom: (origin) => tools.identities.callerFrom(origin),
    isServed: (name) => tools.regions.served.includes(name),
    isInReach: (name) => name === region || tools.loop.lines.isConnected(region, name),
    isReadOnly: async (service, name) => (await operationOf(tools, service, name)).operation.readOnly,
    async invoke(service, name, input, call, receipt) {
      const { endpoint, operation } = await operationOf(tools, service, name)
      const body = endpoint.protocol === 'aws-query' ? queryInput(input) : input
      return tools.invoker.invoke(endpoint, operation, body, call, receipt)
    },
    receiptsIn: (place) => receiptsIn(tools, place),
    onFault: tools.onError,
    isStopped: () => stopping.aborted,
    sleep: (milliseconds) => setTimeout(milliseconds, undefined, { signal: stopping }).catch(() => {}),
  }
}

async function operationOf(
  { services }: StackTools,
  service: MakingService,
  name: string,
): Promise<{ endpoint: ServiceEndpoint; operation: Operation }> {
  const endpoint = services.get(service)
  const operation = (await endpoint?.load())?.operations.find((each) => each.name === name)
  if (endpoint === undefined || operation === undefined) throw new Error(`INVARIANT: ${service} has ${name}`)
  return { endpoint, operation }
}

async function receiptsIn({ regions, global }: StackTools, place: string): Promise<Receipts> {
  const host = place === 'global' ? global : await regions.open(place)
  return {
    find: (name) => host.store.reads.receipt(name),
    async forget(prefix) {
      if (host === global) await global.journal.transaction((writes) => writes.deleteReceipts(prefix))
      else await (host as OpenRegion).journal.transaction((writes) => writes.deleteReceipts(prefix))
    },
  }
}
