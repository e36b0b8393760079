import { randomUUID, type KeyObject } from 'node:crypto'
import { isRegionEnabled } from '../domain/region-opt-in.ts'
import type { Region } from '../domain/region.ts'
import type { Caller } from '../kernel/caller.ts'
import { common, WireError } from '../kernel/errors.ts'
import type { Call, Operation } from '../kernel/operation.ts'
import type { QuotaOf } from '../kernel/throttle.ts'
import { awsJson } from './aws-json/codec.ts'
import { awsQuery } from './aws-query/codec.ts'
import { awsRestJson } from './aws-rest-json/codec.ts'
import type { Codec, ErrorSpelling } from './codec.ts'
import { signatureErrors, type SignatureRefusal } from './signature-errors.ts'
import { createSignatureVerifier, parseSignature, type ParsedSignature } from './sigv4.ts'
import type { WireHandler, WireRequest, WireResponse } from './wire.ts'

/** How a service speaks. */
type ServiceProtocol =
  /** `namespace` is the first half of `X-Amz-Target`. */
  | { readonly protocol: 'aws-json'; readonly namespace: string; readonly errors?: ErrorSpelling }
  /** `namespace` is that of the XML. */
  | { readonly protocol: 'aws-query'; readonly namespace: string }
  /** `routes` has the operations by method and path. */
  | {
      readonly protocol: 'aws-rest-json'
      readonly routes: Readonly<Record<string, string>>
      readonly errors: ErrorSpelling
    }

/** A service as its clients reach it. */
export type ServiceEndpoint = ServiceProtocol & {
  /** The service in the credential scope. */
  readonly signingName: string
  readonly eventSource: string
  /** Whether its operations belong to the Region that is asked, or to none. */
  readonly scope: 'region' | 'global'
  readonly operations: readonly Operation[]
  /** Operations that AWS has and this server does not do. */
  readonly unimplemented: readonly string[]
  /** Its request quotas, where it has any. */
  readonly quotaOf?: QuotaOf
  /** Says why it does not serve an operation to a caller, whatever its policies say; null where it does. */
  readonly refuse?: (operation: string, caller: Caller) => WireError | null
}

/** Who a verified signature comes from; see `SignatureVerifier.verify` for the secret's form. */
interface Credential {
  readonly secret: KeyObject
  readonly caller: Caller
  /** By the server's clock; null for a long-term key. */
  readonly expiresAt: number | null
}

/** What the dispatcher is made from. */
export interface DispatcherOptions {
  readonly services: readonly ServiceEndpoint[]
  readonly regions: readonly Region[]
  credential(accessKeyId: string, sessionToken: string | null): Promise<Credential | null>
  /** The server's clock; signatures are judged by the real one. */
  now(): number
  invoke(
    service: ServiceEndpoint,
    operation: Operation,
    body: Readonly<Record<string, unknown>>,
    call: Call,
  ): Promise<unknown>
  onRefusedSignature(details: { requestId: string; code: string; sourceIp: string }): void
}

/** Where clients sign for services of no Region, whatever Regions there are (AWS General Reference). */
const GLOBAL_REGION: Region = 'us-east-1'

const errors = {
  unknown: (name: string) =>
    new WireError('UnknownOperationException', 400, `There is no operation ${name} in this service.`),
  unsupported: (name: string) =>
    new WireError('UnsupportedOperationException', 400, `${name} is not supported by this server yet.`),
}

interface Endpoint {
  readonly service: ServiceEndpoint
  readonly codec: Codec
  readonly operations: ReadonlyMap<string, Operation>
}

function codecOf(service: ServiceEndpoint): Codec {
  switch (service.protocol) {
    case 'aws-json':
      return awsJson(service.namespace, service.errors)
    case 'aws-query':
      return awsQuery(service.namespace)
    case 'aws-rest-json':
      return awsRestJson(service.routes, service.errors)
  }
}

/** Leads each request to its operation: who asks, in which Region, of which service, and what. */
export function createDispatcher(options: DispatcherOptions): WireHandler {
  const endpoints = new Map<string, Endpoint>(
    options.services.map((service) => [
      service.signingName,
      {
        service,
        codec: codecOf(service),
        operations: new Map(service.operations.map((operation) => [operation.name, operation])),
      },
    ]),
  )
  const verifier = createSignatureVerifier(Date.now)
  const regions = new Set(options.regions)

  async function authenticate(
    request: WireRequest,
    parsed: ParsedSignature,
    { scope }: ServiceEndpoint,
  ): Promise<Caller | SignatureRefusal> {
    const isServed = regions.has(parsed.region) || (scope === 'global' && parsed.region === GLOBAL_REGION)
    if (!isServed) return signatureErrors.region(parsed.region, options.regions)
    const found = await options.credential(parsed.accessKeyId, parsed.sessionToken)
    if (found === null) return signatureErrors.unknownKey()
    const refusal = verifier.verify(request, parsed, found.secret)
    if (refusal !== null) return refusal
    const isExpired = found.expiresAt !== null && found.expiresAt <= options.now()
    if (isExpired) return signatureErrors.expiredToken()
    // What belongs to no Region stays within reach: by it an account enables its Regions.
    const { account, optedIn } = found.caller
    const isEnabled = scope === 'global' || isRegionEnabled(parsed.region, optedIn)
    return isEnabled ? found.caller : signatureErrors.regionNotEnabled(parsed.region, account)
  }

  async function serve(request: WireRequest, requestId: string, endpoint: Endpoint, call: Call): Promise<WireResponse> {
    const { service, codec, operations } = endpoint
    const { name, body } = codec.decode(request)
    const operation = operations.get(name)
    if (operation === undefined) {
      throw service.unimplemented.includes(name) ? errors.unsupported(name) : errors.unknown(name)
    }
    const output = (await options.invoke(service, operation, body(), call)) as Readonly<Record<string, unknown>>
    const response = codec.encode(name, output, requestId)
    wipe(output)
    return response
  }

  return async (request) => {
    const requestId = randomUUID()
    const parsed = parseSignature(request)
    const scoped = 'code' in parsed ? undefined : endpoints.get(parsed.service)
    const endpoint = scoped ?? guess(request, endpoints)
    const { codec } = endpoint
    try {
      const refusal = 'code' in parsed ? parsed : null
      if ('code' in parsed || scoped === undefined) {
        throw refused(refusal ?? signatureErrors.service(endpoint.service.signingName), request, requestId, options)
      }
      const caller = await authenticate(request, parsed, scoped.service)
      if ('code' in caller) throw refused(caller, request, requestId, options)
      return await serve(request, requestId, endpoint, {
        requestId,
        now: options.now(),
        region: parsed.region,
        caller,
        sourceIp: request.sourceIp,
        userAgent: request.headers['user-agent'] ?? '',
        secure: request.secure,
      })
    } catch (error) {
      if (error instanceof WireError) return withExplanation(codec.refuse(error, requestId), error, requestId)
      throw error
    }
  }
}

function refused(
  { code, message }: SignatureRefusal,
  { sourceIp }: WireRequest,
  requestId: string,
  options: DispatcherOptions,
): WireError {
  options.onRefusedSignature({ requestId, code, sourceIp })
  return new WireError(code, 400, message)
}

/** Under this id whoever runs the server can ask why: `keyspan explain`. */
function withExplanation(response: WireResponse, { code }: WireError, requestId: string): WireResponse {
  if (code !== 'AccessDeniedException') return response
  return { ...response, headers: { ...response.headers, 'x-keyspan-explain': requestId } }
}

/** Whose errors an unsigned request would understand: a form is the query protocol's. */
function guess({ headers }: WireRequest, endpoints: ReadonlyMap<string, Endpoint>): Endpoint {
  const isForm = (headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')
  const protocol = isForm ? 'aws-query' : 'aws-json'
  const found = [...endpoints.values()].find(({ service }) => service.protocol === protocol)
  if (found === undefined) throw common.KMSInternalException(`No service here speaks ${protocol}.`)
  return found
}

/** INVARIANT: what left in an answer does not stay in memory; keys that are kept are no buffers. */
function wipe(output: Readonly<Record<string, unknown>> | undefined): void {
  for (const name in output) {
    const value = output[name]
    if (Buffer.isBuffer(value)) value.fill(0)
  }
}
