import { randomSecret } from '../crypto/random.ts'
import type { Region } from '../domain/region.ts'
import { recordCall } from './audit.ts'
import { authorize } from './decide.ts'
import { common, WireError } from './errors.ts'
import type { Call, Operation, RecordDetails } from './operation.ts'
import { parseInput } from './parse.ts'
import { cachedReads, currentReads } from './reads.ts'
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

/** The name of a service in records. */
export interface Service {
  readonly eventSource: string
}

/** An invoker over the Regions that this process serves. */
export function createInvoker(
  hosts: ReadonlyMap<Region, RegionHost>,
  onFault: (error: unknown, call: Call) => void,
): Invoker {
  function hostOf(region: Region): RegionHost {
    const host = hosts.get(region)
    if (host === undefined) throw new Error(`INVARIANT: ${region} is served here`)
    return host
  }

  const readsOf = new Map([...hosts.values()].map((host) => [host.region, cachedReads(host, hosts)]))

  return {
    async invoke({ eventSource }, operation, body, call) {
      const host = hostOf(call.region)
      let input: unknown = null
      let found: unknown = null
      const records = (details: RecordDetails, error: WireError | null) =>
        recordCall({
          ...call,
          eventSource,
          eventName: operation.name,
          readOnly: operation.readOnly,
          requestParameters: details.requestParameters ?? null,
          responseElements: error === null ? (details.responseElements ?? null) : null,
          resources: details.resources,
          error,
        })

      try {
        input = parseInput(operation.input, body)
        if (operation.readOnly) {
          const reads = readsOf.get(call.region) ?? cachedReads(host, hosts)
          found = await operation.load(input, call, reads)
          authorize(operation.requires(input, found, call), call)
          const output: unknown = await operation.run(input, found, call, { random: randomSecret, reads })
          const details = operation.record(input, found, output)
          await Promise.all(records(details, null).map((record) => host.journal.append(record)))
          return output
        }
        return await host.journal.transaction(async (writes, note) => {
          const reads = currentReads(host, hosts, writes)
          found = await operation.load(input, call, reads)
          authorize(operation.requires(input, found, call), call)
          const powers = { random: randomSecret, reads, writes, vault: host.vault }
          const output: unknown = await operation.run(input, found, call, powers)
          for (const record of records(operation.record(input, found, output), null)) await note(record)
          return output
        })
      } catch (error) {
        const refusal = asRefusal(error, call, onFault)
        const details = input === null ? { resources: [] } : operation.record(input, found, null)
        await Promise.all(records(details, refusal).map((record) => host.journal.append(record)))
        throw refusal
      }
    },
  }
}

/** INVARIANT: the cause of a fault is told to the log, never to the client. */
function asRefusal(error: unknown, call: Call, onFault: (error: unknown, call: Call) => void): WireError {
  if (error instanceof WireError) return error
  onFault(error, call)
  return common.KMSInternalException(
    `The request failed inside the server; its log has the cause under ${call.requestId}.`,
  )
}
