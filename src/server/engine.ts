import type { X509Certificate } from 'node:crypto'
import type { Logger } from 'pino'
import type { Tracer } from '../domain/tracing/span.ts'
import type { WireError } from '../kernel/errors.ts'
import type { GlobalHost } from '../kernel/global-host.ts'
import type { Call } from '../kernel/call.ts'
import { createIdentities, type Identities } from '../kernel/identities/identities.ts'
import { createInvoker, type Invoker } from '../kernel/invoke.ts'
import { createPeople, type KnownPeople } from '../kernel/people.ts'
import { createThrottle, type SharedThrottle } from '../kernel/throttle.ts'
import { createDispatcher, type Dispatcher } from '../protocol/dispatch.ts'
import { NotHeldError } from '../storage/store.ts'
import type { StoreHouse } from '../storage/house/store-house.ts'
import { openRefusalStore, type RefusalStore } from '../storage/refusals.ts'
import type { AlarmBell, AlarmPlace } from './alarms/alarms.ts'
import type { Alarms } from './alarms/read-alarms.ts'
import { createClock, type Clock } from './clock.ts'
import { createDrills } from './drills.ts'
import { watchClock, type ClockWatch } from './clock-watch.ts'
import type { Config } from './config/config.ts'
import { ConfigError } from './config/config-error.ts'
import { type DataDirectory } from './data/data-directory.ts'
import { type Deployment } from './data/deployment.ts'
import { startJournalLoop } from './regions/journal-loop.ts'
import { startLastUseLoop } from './regions/last-use-loop.ts'
import type { OpenGlobal } from './regions/open-global.ts'
import { createAccessQuestions } from './inspect/access-questions.ts'
import type { Inspector, InspectorSources } from './inspect/inspector.ts'
import { createRefusalMemory, type RefusalMemory } from './inspect/refusal-memory.ts'
import { rulesOf } from './refusal-rules.ts'
import type { NodeCounts } from './metrics/node-metrics.ts'
import type { RequestCounts } from './metrics/request-counts.ts'
import { openStores } from './regions/open-stores.ts'
import type { Regions } from './regions/regions.ts'
import { startReplicationLoop, type ReplicationLoop } from './regions/replication-loop.ts'
import { telling, tellRetry } from './regions/telling.ts'
import { watchRollbacks } from './data/rollback-watch.ts'
import { AWS_SERVICES, servicesOf, type ServiceTools } from './services.ts'
import type { AuditProofs } from '../services/keyspan/audit-proofs.ts'
import type { Drills } from '../services/keyspan/drills.ts'
import type { SystemView } from '../services/keyspan/operations/describe-system.ts'
import { createSystemView } from './system-view.ts'
import type { Peers } from './peers/peers.ts'
import { staleRefusal } from './peers/stale.ts'
import { startStackLoop, type StackLoop } from './regions/stack-loop.ts'
import type { Retention } from './trail/retention.ts'
import { startTrail, type Trail } from './trail/trail.ts'
import { createAuditProofs } from './transparency/audit-proofs.ts'
import { openTransparency, type Transparency } from './transparency/transparency.ts'

/** What of a configuration counts behind the wire. */
export type EngineConfig = Pick<
  Config,
  'regions' | 'dev' | 'audit' | 'retention' | 'enforcement' | 'throttle' | 'trails' | 'peers'
>

/** What an engine runs on. */
export interface EnginePlace {
  readonly data: DataDirectory
  readonly deployment: Deployment
  /** Those whom the operator trusts to vouch for attestation documents. */
  readonly roots: readonly X509Certificate[]
  /** Null where there are none. */
  readonly alarms: Alarms | null
  /** The version of Keyspan. */
  readonly version?: string | undefined
}

/** Who watches an engine; nobody, unless an operator asks for it. */
export interface Watchers {
  readonly counts?: Pick<RequestCounts, 'answered' | 'decided'>
  /** What passes between processes that serve together. */
  readonly nodes?: Omit<NodeCounts, 'families'>
  readonly tracer?: Tracer
}

/** Everything of a server but its sockets. */
export interface Engine extends Dispatcher {
  readonly stores: StoreHouse
  readonly regions: Regions
  readonly global: OpenGlobal
  readonly identities: Identities
  readonly people: KnownPeople
  /** Where refusals stay. */
  readonly refusals: RefusalStore
  /** Null where all Regions are here. */
  readonly peers: Peers | null
  readonly invoker: Invoker
  /** Null where everybody may ask as often as he likes. */
  readonly throttle: SharedThrottle | null
  /** The same each time; what it takes is read when it is first asked for. */
  readonly inspector: () => Promise<Inspector>
  readonly clock: Clock
  readonly watch: ClockWatch
  readonly transparency: Pick<Transparency, 'notices' | 'checkpoints'>
  readonly retention: Retention
  /** Null where there are no alarms. */
  readonly bell: AlarmBell | null
  readonly loop: ReplicationLoop
  readonly drills: Drills
  /**
   * Whether requests can be answered: not where their records cannot be written, nor where the copy of accounts and
   * policies is too old.
   */
  readonly isHealthy: () => boolean
  /** Closes every file but the deployment's. Nothing may be under way. */
  readonly stop: () => Promise<void>
}

const services = new Map(AWS_SERVICES.map((service) => [service.signingName, service]))

/** Opens the Regions of a deployment, and all that looks after them. */
export async function openEngine(
  config: EngineConfig,
  { data, deployment, roots, alarms, version = 'unknown' }: EnginePlace,
  log: Logger,
  watchers: Watchers = {},
): Promise<Engine> {
  // What is opened is closed again in the opposite order: at the end, or at once where a later step fails.
  await using opened = new AsyncDisposableStack()
  const clock = await openClock(config, deployment)
  const onRetry = tellRetry(log)
  const { regions, global, peers } = await openStores(config, { data, deployment, clock, onRetry }, opened)
  const transparency = await openTransparencyOf({ data, deployment, regions, global, clock }, onRetry, log)
  opened.defer(() => transparency.stop())
  const journals = startJournalLoop(() => [...regions, global], onRetry)
  opened.defer(() => journals.stop())
  const rollbacks = watchRollbacks(global.store, regions, onRetry)
  opened.defer(() => rollbacks.stop())
  const identities = createIdentities(global)
  const { refusals, memory } = await openMemory(data, deployment, clock, log, opened)
  const people = createPeople(global.store.reads, identities, rulesOf(config, memory, watchers, log), roots)
  memory.start({ regions, people })
  opened.defer(() => memory.stop())
  const watch = await watchClock(global.store, regions, (notice) => log.error(notice))
  opened.defer(() => watch.stop())
  const mayAct = () => watch.check().catch((error: unknown) => (onRetry(error, 'look at the clock'), false))
  const loop = await startReplicationLoop(regions, clock.now, mayAct, telling(onRetry, log), watchers.tracer)
  opened.defer(() => loop.stop())
  if (peers !== null) loop.onStation((station) => peers.follow(station, loop.lines))
  transparency.start(loop.lines.isConnected)
  const lastUses = startLastUseLoop(regions, onRetry)
  opened.defer(() => lastUses.stop())
  const { invoker, throttle } = openInvoker(config, regions, global, { people, loop, peers }, log)
  const tools = { regions, global, identities, invoker, services, loop, now: clock.now, mayAct, onError: onRetry }
  const stacks = startStackLoop(tools)
  opened.defer(() => stacks.stop())
  const trail = startTrail({ ...tools, ...trailLimits(config), data, transparency, retry: onRetry, log })
  opened.defer(() => trail.stop())
  const bell = await openBell(alarms, { data, regions, global, now: clock.now, log, onError: onRetry })
  opened.defer(() => bell?.stop())
  const inspector = lateInspector({ ...tools, people, memory, remote: peers?.remote ?? null, audits: data.audits })
  const proofs = createAuditProofs({ data, signed: (place) => transparency.signed(place), locate: trail.locate })
  const drills = createDrills({ dev: config.dev, regions, global, loop, clock })
  const stale = () => (peers === null ? null : staleRefusal(peers.place, config.peers.staleMs))
  const isHealthy = () => journals.isHealthy() && stale() === null
  const seen = { version, data, deployment, regions, watch, transparency, drills, loop, peers, isHealthy }
  const system = createSystemView({ ...seen, retention: trail.retention })
  const parts = { identities, peers, stale, memory, invoker, stacks, trail, inspector, system, proofs, drills, loop }
  const running = opened.move()
  return {
    ...openDispatcher(regions, parts, watchers, log, clock.now),
    stores: deployment.stores,
    regions,
    global,
    identities,
    people,
    refusals,
    peers,
    invoker,
    throttle,
    clock,
    watch,
    transparency,
    retention: trail.retention,
    bell,
    loop,
    drills,
    inspector,
    isHealthy,
    stop: () => running.disposeAsync(),
  }
}

function trailLimits({ retention: limits, trails }: EngineConfig) {
  return { limits, trails }
}

/** The same each time; what it takes is read when it is first asked for. */
function lateInspector(sources: InspectorSources): () => Promise<Inspector> {
  let created: Inspector | null = null
  return async () => {
    const { createInspector } = await import('./inspect/inspector.ts')
    return (created ??= createInspector(sources))
  }
}

/** Where there are no alarms, nothing of theirs is loaded. */
async function openBell(alarms: Alarms | null, place: AlarmPlace): Promise<AlarmBell | null> {
  if (alarms === null) return null
  const { openAlarms } = await import('./alarms/alarms.ts')
  return openAlarms(alarms, place)
}

/** What is kept nowhere needs no proof that nobody has changed it. */
const NOTHING_KEPT: Transparency = {
  notices: () => [],
  checkpoints: () => [],
  signed: () => null,
  deleteBefore: async () => 0,
  start: () => {},
  stop: async () => {},
}

async function openTransparencyOf(
  {
    data,
    deployment,
    regions,
    global,
    clock,
  }: Pick<EnginePlace, 'data' | 'deployment'> & Pick<Engine, 'regions' | 'global' | 'clock'>,
  retry: (error: unknown, what: string) => void,
  log: Logger,
): Promise<Transparency> {
  if (deployment.keeping === 'ephemeral') return NOTHING_KEPT
  const alarm = (text: string) => log.error(text)
  // Each process has logs of its own, and each log has a name of its own.
  const named = deployment.node === '' ? deployment.id : `${deployment.id}/${deployment.node}`
  return openTransparency({ data, deployment: named, regions, global, now: clock.now, retry, alarm })
}

async function openMemory(
  data: DataDirectory,
  { store, keeping }: Deployment,
  clock: Clock,
  log: Logger,
  opened: AsyncDisposableStack,
): Promise<{ readonly refusals: RefusalStore; readonly memory: RefusalMemory }> {
  const onDamage = (error: unknown) => log.warn({ err: error }, 'what was known of refusals is damaged and passed over')
  const refusals = await openRefusalStore(data.refusals, store.domainKeys, clock.now, onDamage, keeping)
  opened.defer(() => refusals.close())
  const memory = createRefusalMemory(refusals, (error) => log.warn({ err: error }, 'a refusal is not remembered'))
  return { refusals, memory }
}

function openInvoker(
  { throttle: mode }: EngineConfig,
  regions: Regions,
  global: GlobalHost,
  { people, loop, peers }: Pick<Engine, 'people' | 'loop' | 'peers'>,
  log: Logger,
): Pick<Engine, 'invoker' | 'throttle'> {
  const throttle = mode === 'aws' ? createThrottle(() => performance.now()) : null
  const reach = { isConnected: loop.lines.isConnected, remote: peers?.remote ?? null }
  const onFault = (error: unknown, { requestId }: Call) => {
    if (error instanceof NotHeldError) log.warn({ requestId, reason: error.message }, 'refused')
    else log.error({ err: error, requestId }, 'fault')
  }
  return { invoker: createInvoker(regions, global, people, reach, throttle, onFault), throttle }
}

interface Parts {
  readonly system: SystemView
  readonly proofs: AuditProofs
  readonly drills: Drills
  readonly loop: ReplicationLoop
  readonly identities: Identities
  readonly peers: Peers | null
  readonly stale: () => WireError | null
  readonly memory: RefusalMemory
  readonly invoker: Invoker
  readonly stacks: StackLoop
  readonly trail: Trail
  readonly inspector: Engine['inspector']
}

function openDispatcher(
  regions: Regions,
  { identities, peers, memory, invoker, stacks, trail, inspector, system, proofs, drills, loop, stale }: Parts,
  { counts, tracer }: Watchers,
  log: Logger,
  now: () => number,
) {
  const questions = createAccessQuestions({ inspector, memory, lookUp: trail.lookUp, now })
  const tools: ServiceTools = {
    explain: memory.explanationFor,
    questions,
    readDrift: stacks.readDrift,
    lookUp: trail.lookUp,
    checkBucket: trail.checkBucket,
    system,
    proofs,
    drills,
  }
  return createDispatcher({
    services: servicesOf(() => tools),
    regions: regions.served,
    elsewhere: regions.elsewhere,
    home: () => peers?.place.home() ?? null,
    refuseStale: stale,
    isDown: loop.lines.isDown,
    credential: credentialsOf(identities, peers),
    now,
    invoke: (service, operation, body, call) => invoker.invoke(service, operation, body, call),
    onAnswered: counts?.answered,
    tracer,
    onRefusedSignature: (details) => log.info(details, 'signature refused'),
  })
}

/** Whoever is not known here may just have been made at the home. */
function credentialsOf({ credential }: Identities, peers: Peers | null): Identities['credential'] {
  if (peers === null) return credential
  return async (id, token) => {
    const known = await credential(id, token)
    const home = peers.place.home()
    if (known !== null || home === null) return known
    await home.lookAgain()
    return credential(id, token)
  }
}

async function openClock({ dev }: EngineConfig, deployment: Deployment): Promise<Clock> {
  const offset = Number((await deployment.store.reads.meta('clock-offset')) ?? '0')
  if (offset !== 0 && !dev) {
    throw new ConfigError(
      'The clock of this data directory was moved in development mode. Start it with --dev, or begin with a new --data.',
    )
  }
  return createClock(offset)
}
