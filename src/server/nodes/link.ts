import { setTimeout as sleep } from 'node:timers/promises'
import type { Region } from '../../domain/region.ts'
import { KeyringError } from '../../crypto/sealing/keyring.ts'
import { NoAnswerError, type WireRequest, type WireResponse } from '../../protocol/wire.ts'
import type { Leader } from '../../storage/postgres/hold.ts'
import { ConfigError } from '../config/config-error.ts'
import type { Watchers } from '../engine.ts'
import { refusingAnswer } from '../http/refusing.ts'
import type { FollowerReport } from '../metrics/node-metrics.ts'
import { requestToJson, responseFromJson } from '../peers/wire-relay.ts'
import type { FollowerEngine, FollowerParts } from './follower-engine.ts'
import { LEASE_ANSWER_MS, readBeside, type Reading } from './read-beside.ts'
import { begun, drawn, noAnswer } from './messages.ts'
import { createNodeClient, NodeError, type NodeClient } from './node-client.ts'
import type { nodeKeyOf } from './node-key.ts'
import type { Outbox } from './outbox.ts'
import type { UseBatches } from './use-batches.ts'

/** How soon is begun anew, in milliseconds. */
const AGAIN_MS = 250
/** How long an answer to who draws from a quota may take. */
const DRAW_ANSWER_MS = 1000

/** What a follower has of the process that leads. */
export interface Link {
  readonly leader: Leader
  /** Whether requests are answered now: here, or by the process that leads. */
  readonly isGood: () => boolean
  /** Why it can never be followed with the settings of this process; null as far as is known. */
  readonly fault: () => ConfigError | null
  readonly report: () => Omit<FollowerReport, 'recordsDelay'>
  readonly handle: (request: WireRequest) => Promise<WireResponse>
  /** Has the process that leads answer a request as it came. */
  readonly passOn: (request: WireRequest) => Promise<WireResponse>
  readonly refuseHead: (head: WireRequest) => Promise<WireResponse | null>
  stop(): Promise<void>
}

/** What it is made with. */
export interface LinkParts {
  /** Of this process alone. */
  readonly id: string
  /** The name of its audit logs. */
  readonly node: string
  readonly regions: readonly Region[]
  /** What this process shows, read anew each time. */
  readonly keyOf: () => Promise<ReturnType<typeof nodeKeyOf>>
  readonly outbox: Pick<Outbox, 'to'>
  readonly uses: Pick<UseBatches, 'to'>
  /** Opens what answers requests, under a term. */
  readonly open: (
    leader: Leader,
    parts: Pick<FollowerParts, 'now' | 'drawFrom' | 'putRefusals'>,
  ) => Promise<FollowerEngine>
  /** Told when it changes whether requests are answered here, and why not. */
  readonly onState: (reason: string | null) => void
  readonly onError: (error: unknown, what: string) => void
  readonly counts: Watchers['nodes']
}

const UNREACHABLE = {
  status: 'follower',
  message: 'The process that leads cannot be reached, and nothing was done. Try again.',
}
const UNCERTAIN = {
  status: 'follower',
  message:
    'The process that leads was asked, and its answer was lost: the request may have been carried out. Look before you ' +
    'again ask for what must be done once only.',
}

/** Those that go over connections of their own: no request keeps a lease waiting. */
interface Clients {
  readonly leases: NodeClient
  readonly requests: NodeClient
}

async function connect({ address }: Leader, { keyOf, outbox, uses }: LinkParts): Promise<Clients> {
  const key = await keyOf()
  const [leases, requests] = [createNodeClient(address, key), createNodeClient(address, key)]
  outbox.to(async (place, texts, isRepeated) => void (await requests.ask('/records', { place, texts, isRepeated })))
  uses.to(async (region, some) => void (await requests.ask('/uses', { region, uses: some })))
  return { leases, requests }
}

/** Follows a process that leads, until it is stopped: again from the beginning whenever the lease is lost. */
export function openLink(leader: Leader, parts: LinkParts): Link {
  const { id, node, regions, outbox, uses, onState, onError, counts } = parts
  const stopping = new AbortController()
  let clients: Clients | null = null
  let reading: Reading | null = null
  let isReached = false
  let fault: ConfigError | null = null

  function disconnect(): void {
    for (const { to } of [outbox, uses]) to(null)
    clients?.leases.close()
    clients?.requests.close()
    clients = null
  }
  /** Resolves when the lease is lost, or none is given. */
  async function follow({ leases, requests }: Clients): Promise<void> {
    const askedAt = performance.now()
    const answer = begun.parse(await leases.ask('/begin', { id, node, regions }, LEASE_ANSWER_MS))
    isReached = true
    if ('refused' in answer) return onState(answer.refused)
    if ('serves' in answer) {
      fault = otherRegions(leader, answer.serves, regions)
      return
    }
    const open = (now: () => number) => parts.open(leader, { now, ...askingOf(requests, id) })
    reading = readBeside({ id, leases, askedAt, first: answer, open, onState, onError, stopped: stopping.signal })
    // Why it was lost does not matter: whoever leads may well answer what it is asked next.
    await reading.lost.catch(() => {})
    if (reading.hasBegun()) onState('its lease was lost')
    reading = null
  }
  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        clients ??= await connect(leader, parts)
        await follow(clients)
      } catch (error) {
        isReached = false
        if (error instanceof NodeError) onState(`cannot be reached: ${error.message}`)
        else if (error instanceof KeyringError) onState(`cannot be followed without its root key: ${error.message}`)
        else onError(error, 'follow the process that leads')
        disconnect()
      }
      await sleep(AGAIN_MS, undefined, { signal: stopping.signal }).catch(() => {})
    }
    disconnect()
  }

  const running = run()
  const isGood = () => reading?.isGood() === true || isReached
  return {
    leader,
    isGood,
    fault: () => fault,
    report: () => ({ isHealthy: isGood(), ...reportOf(reading) }),
    async handle(request) {
      const answer = (await reading?.answerBy(({ handle }) => handle(request))) ?? null
      if (answer === null) return passOn(clients, request, counts)
      counts?.answered('here')
      return answer
    },
    passOn: (request) => passOn(clients, request, counts),
    refuseHead: async (head) => (await reading?.answerBy(({ refuseHead }) => refuseHead(head))) ?? null,
    async stop() {
      stopping.abort()
      disconnect()
      await running
    },
  }
}

function otherRegions({ address }: Leader, theirs: readonly string[], ours: readonly string[]): ConfigError {
  return new ConfigError(
    `The process at ${address}, which leads, serves ${theirs.join(', ')}, and this one is to serve ${ours.join(', ')}. ` +
      'Give all processes of a database the same --regions. To change them, stop all of them first.',
  )
}

function reportOf(reading: Reading | null): Pick<FollowerReport, 'answersItself' | 'leaseAge'> {
  if (reading?.isGood() !== true) return { answersItself: false, leaseAge: null }
  return { answersItself: reading.hasBegun(), leaseAge: reading.leaseAge() }
}

/** What an engine asks the process that leads. */
function askingOf(requests: NodeClient, id: string): Pick<FollowerParts, 'drawFrom' | 'putRefusals'> {
  return {
    drawFrom: async (askedAt, draws) =>
      drawn.parse(await requests.ask('/quotas', { id, askedAt, draws }, DRAW_ANSWER_MS)).drawn,
    putRefusals: async (refusals) => void (await requests.ask('/refusals', { refusals })),
  }
}

/** Has the process that leads answer a request as it came. */
async function passOn(clients: Clients | null, request: WireRequest, counts: Watchers['nodes']): Promise<WireResponse> {
  const refuse = (why: typeof UNREACHABLE): WireResponse => {
    counts?.answered('nobody')
    return refusingAnswer(request, why)
  }
  if (clients === null) return refuse(UNREACHABLE)
  try {
    const answer = await clients.requests.ask('/relay', requestToJson(request))
    counts?.answered('leader')
    if (noAnswer.safeParse(answer).success) throw new NoAnswerError('The process that leads gives no answer.')
    return responseFromJson(answer)
  } catch (error) {
    if (!(error instanceof NodeError)) throw error
    return refuse(error.isSent ? UNCERTAIN : UNREACHABLE)
  }
}
