import { randomUUID } from 'node:crypto'
import type { Region } from '../domain/region.ts'
import type { Caller } from '../kernel/identities/caller.ts'
import type { Invoker } from '../kernel/invoke.ts'
import type { Chosen } from '../kernel/call.ts'
import { AWS_SERVICES } from './services.ts'

/** What the server itself asks of one of its operations. */
export interface Asked {
  /** As in signatures. */
  readonly service: string
  readonly name: string
  readonly input: Readonly<Record<string, unknown>>
  readonly caller: Caller
  readonly region: Region
  readonly chosen?: Chosen
}

/** Asks an operation as somebody would over the wire: checked and recorded like any other call. */
export async function askOperation(
  { invoker, now }: { readonly invoker: Pick<Invoker, 'invoke'>; readonly now: () => number },
  { service: signingName, name, input, ...asked }: Asked,
): Promise<unknown> {
  const service = AWS_SERVICES.find((each) => each.signingName === signingName)
  const operation = (await service?.load())?.operations.find((each) => each.name === name)
  if (service === undefined || operation === undefined) throw new Error(`INVARIANT: ${signingName} has ${name}`)
  return invoker.invoke(service, operation, input, {
    requestId: randomUUID(),
    now: now(),
    sourceIp: '127.0.0.1',
    userAgent: 'keyspan',
    secure: true,
    ...asked,
  })
}
