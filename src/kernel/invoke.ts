import { parseArn } from '../domain/arn.ts'
import type { KeyUse } from '../domain/last-use.ts'
import type { Region } from '../domain/region.ts'
import { within } from '../domain/tracing/span.ts'
import { isDiskFull } from '../storage/house/disk-full.ts'
import { UncertainChangeError } from '../storage/store.ts'
import { recordCall, type CallRecord } from './audit.ts'
import type { Caller } from './identities/caller.ts'
import { consult, type Consultation } from './consult.ts'
import { authorize, type Authority } from './access/decide.ts'
import { common, ElsewhereError, isExplained, WireError } from './errors.ts'
import { globalExecutor, regionExecutor, type ChangingAble, type Executor } from './executor.ts'
import type { GlobalHost } from './global-host.ts'
import type { Note } from './journal.ts'
import type { Operation, RecordDetails } from './operation.ts'
import type { Need } from './access/need.ts'
import type { Call } from './call.ts'
import { lowerCamel, parseInput } from './parse.ts'
import type { KnownPeople } from './people.ts'
import { lookElsewhere, lookInRegions, type People, type Reach } from './reads.ts'
import type { RefusedCall } from './refused-call.ts'
import type { RegionHosts } from './region-host.ts'
import type { QuotaOf, Throttle } from './throttle.ts'

/** Runs operations: the only path to an operation's `run`, so that none can forget authorization or its record. */
export interface Invoker {
  /**
   * Does what was asked, and resolves only when that is recorded.
   *
   * @param receipt of a call that may be made once only: the name under which its answer is kept with what it changes
   * @throws WireError for every refusal; a refusal is recorded as well. ElsewhereError where another process answers
   */
  invoke(
    service: Service,
    operation: Operation,
    body: Readonly<Record<string, unknown>>,
    call: Call,
    receipt?: string,
  ): Promise<unknown>
  /**
   * Says what would become of a request, as far as permissions go, and does nothing.
   *
   * @param more condition keys that it shall have besides
   */
  readonly consult: (
    service: Service,
    operation: Operation,
    body: Readonly<Record<string, unknown>>,
    call: Call,
    more: Need['context'],
  ) => Promise<Consultation>
}

/** What running an operation depends on beside itself. */
export interface Service {
  /** The service's name in records. */
  readonly eventSource: string
  /** The Region that its records say, whichever was asked; the one that was asked where there is none. */
  readonly recordedIn?: Region
  /** Whether its records tell what was sent and nothing else: no defaults. */
  readonly recordsSent?: boolean
  /** Its request quotas, where it has any. */
  readonly quotaOf?: QuotaOf
  /** Says why it does not serve an operation to a caller, whatever its policies say; null where it does. */
  readonly refuse?: (operation: string, caller: Caller) => WireError | null
}

/**
 * An invoker over the Regions that this process serves, and over what belongs to none.
 *
 * @param throttle null lets every account ask as often as it likes
 */
export function createInvoker(
  hosts: RegionHosts,
  global: GlobalHost,
  people: KnownPeople,
  reach: Reach,
  throttle: Throttle | null,
  onFault: (error: unknown, call: Call) => void,
): Invoker {
  const { executorOf, openExecutor } = executorsOver(hosts, global, people, reach)

  return {
    consult: consultOver({ executorOf, openExecutor }, people),
    async invoke(service, operation, body, call, receipt) {
      const there = executorOf(operation, call) ?? (await openExecutor(call.region))
      const isAhead = !operation.readOnly && (operation.ahead !== undefined || operation.looksElsewhere === true)
      const executor = isAhead ? there.remembering() : there
      let input: unknown = null
      let found: unknown = null
      const detailsOf = (output: unknown): RecordDetails =>
        input === null ? { resources: [] } : sentOnly(service, body, operation.record(input, found, output, call))
      const recordsOf = (details: RecordDetails, error: WireError | null) =>
        recordCall({ ...call, ...eventOf(service, operation, call), ...details, error })
      const prepare = async (reads: unknown): Promise<void> => {
        found = await operation.load(input, call, reads)
        await permit(operation.requires(input, found, call), call, people.authority)
      }
      // INVARIANT: what is allowed is asked in the transaction, even where it was asked before.
      const change = (run: (powers: ChangingAble) => unknown) =>
        changing(executor, call, async (powers, note) => {
          await prepare(powers.reads)
          const output = await run(powers)
          for (const record of recordsOf(detailsOf(output), null)) await note(record)
          if (receipt !== undefined) await powers.writes.putReceipt(receipt, JSON.stringify(output ?? null))
          return output
        })
      const append = (records: readonly CallRecord[]) => Promise.all(records.map((each) => executor.append(each)))

      try {
        admit(service, operation, body, call, throttle)
        input = parseInput(operation.input, body)
        if (operation.readOnly) {
          await prepare(executor.powers.reads)
          const { firstUse } = operation
          if (firstUse?.isDue(found) === true) {
            return await change(async (powers) => {
              if (firstUse.isDue(found)) found = await firstUse.make(found, call, powers)
              return operation.run(input, found, call, powers)
            })
          }
          const output: unknown = await operation.run(input, found, call, executor.powers)
          const details = detailsOf(output)
          const records = recordsOf(details, null)
          await append(records)
          for (const use of usesOf(operation, details, records, call)) executor.noteUse(use)
          return output
        }
        if (isAhead) await prepare(executor.powers.reads)
        const ready: unknown = await operation.ahead?.(input, found, call, executor.powers)
        return await change((powers) => operation.run(input, found, call, powers, ready))
      } catch (error) {
        if (error instanceof ElsewhereError) throw error
        const refusal = asRefusal(error, call, onFault)
        if (isExplained(refusal)) people.remember(refusedCall(service, operation, call, body, refusal))
        try {
          await append(recordsOf(detailsOf(null), refusal))
        } catch (fault) {
          // A fault that was told to the log already is not told again.
          if (error instanceof WireError) throw asRefusal(fault, call, onFault)
        }
        throw refusal
      }
    },
  }
}

/** @throws WireError where one of the permissions is missing */
function permit(needs: readonly Need[], call: Call, authority: Authority): Promise<void> {
  return within(call.span, 'decide', () => authorize(needs, call, authority))
}

function changing<Result>(
  executor: Executor,
  { span }: Call,
  work: (powers: ChangingAble, note: Note) => Promise<Result>,
): Promise<Result> {
  return within(span, 'transaction', (part) => executor.change(part, work))
}

function consultOver({ executorOf, openExecutor }: Executors, { authority }: People): Invoker['consult'] {
  return async (_service, operation, body, call, more) => {
    const { powers } = executorOf(operation, call) ?? (await openExecutor(call.region))
    return consult(operation, body, call, { reads: powers.reads, authority, more })
  }
}

/** Refuses what an account asks too often, and what its credentials are not for. */
function admit(
  service: Service,
  { name }: Operation,
  body: Readonly<Record<string, unknown>>,
  call: Call,
  throttle: Throttle | null,
): void {
  const quota = throttle === null ? null : (service.quotaOf?.(name, body, call.region) ?? null)
  if (quota !== null) throttle?.admit(quota, call)
  const unserved = service.refuse?.(name, call.caller) ?? null
  if (unserved !== null) throw unserved
}

/** Where operations run, by the Region that is asked. */
interface Executors {
  /** Null where the Region has yet to be opened. */
  readonly executorOf: (operation: Operation, call: Call) => Executor | null
  readonly openExecutor: (region: Region) => Promise<Executor>
}

function executorsOver(hosts: RegionHosts, global: GlobalHost, people: People, reach: Reach): Executors {
  const regions = new Map<Region, Executor>()
  const worldwide = globalExecutor(global, lookInRegions(hosts, reach))
  return {
    executorOf: ({ scope }, { region }) => (scope === 'global' ? worldwide : (regions.get(region) ?? null)),
    async openExecutor(region) {
      const elsewhere = lookElsewhere(hosts, region, reach)
      const executor = regionExecutor(await hosts.open(region), elsewhere, global, people)
      regions.set(region, executor)
      return executor
    },
  }
}

function refusedCall(
  { eventSource }: Service,
  { name }: Operation,
  call: Call,
  body: Readonly<Record<string, unknown>>,
  { code, message, because }: WireError,
): RefusedCall {
  const texts = Object.values(body).filter((value) => typeof value === 'string')
  const named = texts.filter((text) => text.startsWith('arn:'))
  return { call, operation: `${eventSource.replace(/\..*$/, '')}:${name}`, named, code, message, because }
}

/** Leaves out of a record what was not sent, where the service's records are so. */
function sentOnly(
  { recordsSent }: Service,
  body: Readonly<Record<string, unknown>>,
  details: RecordDetails,
): RecordDetails {
  if (recordsSent !== true) return details
  const sent = new Set(Object.keys(body).map(lowerCamel))
  const parameters = Object.entries(details.requestParameters ?? {}).filter(([name]) => sent.has(name))
  return { ...details, requestParameters: parameters.length === 0 ? null : Object.fromEntries(parameters) }
}

function eventOf({ eventSource, recordedIn }: Service, { name, readOnly }: Operation, { region }: Call) {
  return { eventSource, eventName: name, readOnly, region: recordedIn ?? region }
}

/** The uses of keys by a successful operation, each under the event that the key's own account has of it. */
function usesOf(
  { name, cryptographic }: Extract<Operation, { readOnly: true }>,
  { resources }: RecordDetails,
  records: readonly CallRecord[],
  { now, requestId }: Call,
): readonly KeyUse[] {
  if (cryptographic !== true) return []
  return resources.map((arn) => {
    const { account, resource } = parseArn(arn) ?? { account: '', resource: '' }
    const eventId = records.find((record) => record.recipient === account)?.eventId
    if (eventId === undefined) throw new Error(`INVARIANT: the account of ${arn} has a record`)
    return { account, keyId: resource.replace(/^key\//, ''), operation: name, at: now, eventId, requestId }
  })
}

/** INVARIANT: the cause of a fault is told to the log, never to the client. */
function asRefusal(error: unknown, call: Call, onFault: (error: unknown, call: Call) => void): WireError {
  if (error instanceof WireError) return error
  onFault(error, call)
  if (error instanceof UncertainChangeError) {
    return common.KMSInternalException(
      `The request may have been carried out, although it failed inside the server: look before you ask again. The ` +
        `server's log has the cause under ${call.requestId}.`,
    )
  }
  const why = isDiskFull(error) ? ', whose disk is full' : ''
  return common.KMSInternalException(
    `The request failed inside the server${why}; its log has the cause under ${call.requestId}.`,
  )
}
