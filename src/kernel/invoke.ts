import type { Region } from '../domain/region.ts'
import { recordCall, type AuditRecord } from './audit.ts'
import { authorize } from './decide.ts'
import { common, WireError } from './errors.ts'
import { globalExecutor, regionExecutor, type Executor } from './executor.ts'
import type { GlobalHost } from './global-host.ts'
import type { Call, Operation, RecordDetails } from './operation.ts'
import { parseInput } from './parse.ts'
import type { People } from './reads.ts'
import type { RegionHost } from './region-host.ts'

/** Runs operations: the only path to an operation's `run`, so that none can forget authorization or its record. */
export interface Invoker {
  /**
   * Does what was asked, and resolves only when that is recorded.
   *
   * @throws WireError for every refusal; a refusal is recorded as well
   */
  invoke(service: Service, operation: Operation, body: Readonly<Record<string, unknown>>, call: Call): Promise<unknown>
}

/** What running an operation depends on beside itself. */
export interface Service {
  /** The service's name in records. */
  readonly eventSource: string
  /** Whether its operations belong to the Region that is asked, or to none. */
  readonly scope: 'region' | 'global'
}

/** An invoker over the Regions that this process serves, and over what belongs to none. */
export function createInvoker(
  hosts: ReadonlyMap<Region, RegionHost>,
  global: GlobalHost,
  people: People,
  onFault: (error: unknown, call: Call) => void,
): Invoker {
  const regions = new Map([...hosts].map(([region, host]) => [region, regionExecutor(host, hosts, global, people)]))
  const worldwide = globalExecutor(global)

  function executorOf({ scope }: Service, { region }: Call): Executor {
    const executor = scope === 'global' ? worldwide : regions.get(region)
    if (executor === undefined) throw new Error(`INVARIANT: ${region} is served here`)
    return executor
  }

  return {
    async invoke(service, operation, body, call) {
      const executor = executorOf(service, call)
      let input: unknown = null
      let found: unknown = null
      const recordsOf = (output: unknown, error: WireError | null): readonly AuditRecord[] => {
        const details: RecordDetails = input === null ? { resources: [] } : operation.record(input, found, output)
        return recordCall({ ...call, ...eventOf(service, operation), ...details, error })
      }
      const prepare = async (reads: unknown): Promise<void> => {
        found = await operation.load(input, call, reads)
        await authorize(operation.requires(input, found, call), call, people.authority)
      }
      const append = (records: readonly AuditRecord[]) => Promise.all(records.map((each) => executor.append(each)))

      try {
        input = parseInput(operation.input, body)
        if (operation.readOnly) {
          await prepare(executor.powers.reads)
          const output: unknown = await operation.run(input, found, call, executor.powers)
          await append(recordsOf(output, null))
          return output
        }
        let ready: unknown = undefined
        if (operation.ahead !== undefined) {
          await prepare(executor.powers.reads)
          ready = await operation.ahead(input)
        }
        // INVARIANT: what is allowed is asked in the transaction, even where it was asked before.
        return await executor.change(async (powers, note) => {
          await prepare(powers.reads)
          const output: unknown = await operation.run(input, found, call, powers, ready)
          for (const record of recordsOf(output, null)) await note(record)
          return output
        })
      } catch (error) {
        const refusal = asRefusal(error, call, onFault)
        await append(recordsOf(null, refusal))
        throw refusal
      }
    },
  }
}

function eventOf({ eventSource }: Service, { name, readOnly }: Operation) {
  return { eventSource, eventName: name, readOnly }
}

/** INVARIANT: the cause of a fault is told to the log, never to the client. */
function asRefusal(error: unknown, call: Call, onFault: (error: unknown, call: Call) => void): WireError {
  if (error instanceof WireError) return error
  onFault(error, call)
  return common.KMSInternalException(
    `The request failed inside the server; its log has the cause under ${call.requestId}.`,
  )
}
