import { randomUUID, type KeyObject } from 'node:crypto'
import { isRegionEnabled } from '../domain/region-opt-in.ts'
import type { Region } from '../domain/region.ts'
import { nameOf, within, type Span, type Tracer } from '../domain/tracing/span.ts'
import type { Caller } from '../kernel/identities/caller.ts'
import { common, ElsewhereError, isExplained, WireError } from '../kernel/errors.ts'
import type { Operation } from '../kernel/operation.ts'
import type { Call } from '../kernel/call.ts'
import type { QuotaOf } from '../kernel/throttle.ts'
import { awsJson } from './aws-json/codec.ts'
import { targetOf } from './aws-json/decode.ts'
import { awsQuery } from './aws-query/codec.ts'
import { awsRestJson, type RestPlaces } from './aws-rest-json/codec.ts'
import type { Codec, ErrorSpelling } from './codec.ts'
import { claimedService, isQuery, refuseLike } from './other-services.ts'
import { signatureErrors, type SignatureRefusal } from './signature-errors.ts'
import { createSignatureVerifier, parseSignature, type ParsedSignature } from './sigv4.ts'
import { NoAnswerError, type WireHandler, type WireRequest, type WireResponse } from './wire.ts'

/** How a service speaks. */
type ServiceProtocol =
  /** `namespace` is the first half of `X-Amz-Target`. */
  | { readonly protocol: 'aws-json'; readonly namespace: string; readonly errors?: ErrorSpelling }
  /** `namespace` is that of the XML. */
  | { readonly protocol: 'aws-query'; readonly namespace: string }
  | { readonly protocol: 'aws-rest-json'; readonly errors: ErrorSpelling }

/** What a service does. */
export interface ServiceContent extends Partial<RestPlaces> {
  readonly operations: readonly Operation[]
  /** Operations that AWS has and this server does not do. */
  readonly unimplemented: readonly string[]
}

/** A service as its clients reach it. */
export type ServiceEndpoint = ServiceProtocol & {
  /** The service in the credential scope. */
  readonly signingName: string
  readonly eventSource: string
  /** Whether its operations belong to the Region that is asked, or to none. */
  readonly scope: 'region' | 'global'
  /** Whether it answers while the Region is down that its clients sign for: it is in none. */
  readonly isOfNoRegion?: boolean
  /** The Region that its records say, whichever was asked; the one that was asked where there is none. */
  readonly recordedIn?: Region
  /** Whether its records tell what was sent and nothing else: no defaults. */
  readonly recordsSent?: boolean
  /** Gives the same each time; it is read when it is first asked for: a server starts without what nobody asks for. */
  readonly load: () => Promise<ServiceContent>
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
  /** Whether nobody can reach a Region now. */
  isDown(region: Region): boolean
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
  /** Told of each answer; absent where nobody counts. */
  readonly onAnswered?: ((answered: Answered) => void) | undefined
  /** Absent where nothing is traced. */
  readonly tracer?: Tracer | undefined
  /** Where what is global is changed; null for here. */
  readonly home: () => DispatcherHome | null
  /** Why the accounts here are too old to decide by; null where they are not. */
  readonly refuseStale: () => WireError | null
  /** The Regions that other servers of this deployment serve. */
  readonly elsewhere: () => readonly Region[]
}

/** Another server, where what is global is changed, and whose copy this one has. */
export interface DispatcherHome {
  /** Has it answer a request as it came. */
  relay(request: WireRequest): Promise<WireResponse>
}

/** What became of a request. What it names and is not here is null, whatever it was. */
export interface Answered {
  readonly service: string | null
  readonly operation: string | null
  readonly region: Region | null
  /** Null where it was done. */
  readonly error: { readonly code: string; readonly status: number } | null
  /** How long it has taken, in milliseconds. */
  readonly ms: number
}

/** What is found out of a request while it is answered. */
interface Asked {
  readonly span: Span | null
  endpoint: Endpoint | null
  operation: string | null
  region: Region | null
  error: Answered['error']
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
  readonly refuse: Codec['refuse']
  /** Null until it is first asked for. */
  ready: Ready | null
}

/** A service that can be asked. */
interface Ready {
  readonly codec: Codec
  readonly operations: ReadonlyMap<string, Operation>
  readonly unimplemented: readonly string[]
}

function endpointOf(service: ServiceEndpoint): Endpoint {
  return { service, refuse: codecOf(service).refuse, ready: null }
}

async function makeReady(endpoint: Endpoint): Promise<Ready> {
  const content = await endpoint.service.load()
  const operations = new Map(content.operations.map((operation) => [operation.name, operation]))
  const codec = codecOf(endpoint.service, content)
  return (endpoint.ready = { codec, operations, unimplemented: content.unimplemented })
}

/** Where a request goes; or why it goes nowhere, and how that is said. */
type Addressed =
  | { readonly endpoint: Endpoint; readonly signature: ParsedSignature }
  | { readonly refusal: SignatureRefusal; readonly refuse: Codec['refuse'] }

function codecOf(service: ServiceEndpoint, places: Partial<RestPlaces> = {}): Codec {
  switch (service.protocol) {
    case 'aws-json':
      return awsJson(service.namespace, service.errors)
    case 'aws-query':
      return awsQuery(service.namespace)
    case 'aws-rest-json':
      return awsRestJson(places, service.errors)
  }
}

/** Leads each request to its operation. */
export interface Dispatcher {
  /** @throws NoAnswerError where there is to be none, ElsewhereError where another process answers */
  readonly handle: WireHandler
  /**
   * The refusal of a head that no body could make good: for no service here, or signed with no access key there is.
   *
   * @throws NoAnswerError as `handle` does
   */
  readonly refuseHead: (head: WireRequest) => Promise<WireResponse | null>
}

/** A dispatcher finds who asks, in which Region, of which service, and what. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const endpoints = new Map(options.services.map((service) => [service.signingName, endpointOf(service)]))
  const verifier = createSignatureVerifier(Date.now)
  const regions = new Set(options.regions)

  /** Whether what belongs to no Region may be asked for there: it is answered here for those of other servers too. */
  const isOfNoRegion = (region: Region) => region === GLOBAL_REGION || options.elsewhere().includes(region)

  /** Whom a head claims to come from. */
  async function claimed(parsed: ParsedSignature, { scope }: ServiceEndpoint): Promise<Credential | SignatureRefusal> {
    const isServed = regions.has(parsed.region) || (scope === 'global' && isOfNoRegion(parsed.region))
    if (!isServed) return signatureErrors.region(parsed.region, options.regions, options.elsewhere())
    return (await options.credential(parsed.accessKeyId, parsed.sessionToken)) ?? signatureErrors.unknownKey()
  }

  async function authenticate(
    request: WireRequest,
    parsed: ParsedSignature,
    service: ServiceEndpoint,
  ): Promise<Caller | SignatureRefusal> {
    const found = await claimed(parsed, service)
    if ('code' in found) return found
    const refusal = verifier.verify(request, parsed, found.secret)
    if (refusal !== null) return refusal
    const isExpired = found.expiresAt !== null && found.expiresAt <= options.now()
    if (isExpired) return signatureErrors.expiredToken()
    // What belongs to no Region stays within reach: by it an account enables its Regions.
    const { account, optedIn } = found.caller
    const isEnabled = service.scope === 'global' || isRegionEnabled(parsed.region, optedIn)
    return isEnabled ? found.caller : signatureErrors.regionNotEnabled(parsed.region, account)
  }

  async function answer(request: WireRequest, requestId: string, asked: Asked): Promise<WireResponse> {
    const addressed = address(request, endpoints)
    if ('refusal' in addressed) {
      const error = refused(addressed.refusal, request, requestId, options)
      asked.error = error
      return addressed.refuse(error, requestId)
    }
    const { endpoint, signature } = addressed
    const { region } = signature
    asked.endpoint = endpoint
    if (regions.has(region)) asked.region = region
    requireUp(endpoint, signature, options)
    const span = asked.span ?? undefined
    try {
      const stale = options.refuseStale()
      if (stale !== null) throw stale
      const caller = await within(span, 'verify', () => authenticate(request, signature, endpoint.service))
      if ('code' in caller) throw refused(caller, request, requestId, options)
      const call = { ...originOf(request), requestId, now: options.now(), region, caller }
      return await serve(request, endpoint, span === undefined ? call : { ...call, span }, asked, options)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      asked.error = error
      return withExplanation(endpoint.refuse(error, requestId), error, requestId)
    }
  }

  return {
    handle: watched(options, answer),
    async refuseHead(head) {
      const addressed = address(head, endpoints)
      if (!('refusal' in addressed)) requireUp(addressed.endpoint, addressed.signature, options)
      const { refusal, refuse } =
        'refusal' in addressed
          ? addressed
          : {
              refusal: await claimed(addressed.signature, addressed.endpoint.service),
              refuse: addressed.endpoint.refuse,
            }
      if (!('code' in refusal)) return null
      const requestId = randomUUID()
      return refuse(refused(refusal, head, requestId, options), requestId)
    },
  }
}

/** Answers requests, and tells whoever watches of each of them. */
function watched(
  { onAnswered, tracer }: DispatcherOptions,
  answer: (request: WireRequest, requestId: string, asked: Asked) => Promise<WireResponse>,
): WireHandler {
  return async (request) => {
    const requestId = randomUUID()
    const span = tracer?.begin('server', 'request', request.headers['traceparent']) ?? null
    const begun = performance.now()
    const asked: Asked = { span, endpoint: null, operation: null, region: null, error: null }
    let count = onAnswered
    try {
      return await answer(request, requestId, asked)
    } catch (error) {
      if (error instanceof ElsewhereError) count = undefined
      else asked.error = { code: nameOf(error), status: 500 }
      throw error
    } finally {
      const answered = { ...asked, service: asked.endpoint?.service.signingName ?? null }
      count?.({ ...answered, ms: performance.now() - begun })
      if (span !== null) endSpan(span, answered, requestId)
    }
  }
}

function endSpan(span: Span, { service, region, error }: Omit<Answered, 'ms'>, requestId: string): void {
  span.note('aws.request_id', requestId)
  if (service !== null) span.note('rpc.service', service)
  if (region !== null) span.note('cloud.region', region)
  span.end(error?.code)
}

/** Asks the operation that a request names, as whoever has signed it. */
async function serve(
  request: WireRequest,
  endpoint: Endpoint,
  call: Call,
  asked: Asked,
  options: DispatcherOptions,
): Promise<WireResponse> {
  const { service } = endpoint
  const { codec, operations, unimplemented } = endpoint.ready ?? (await makeReady(endpoint))
  const { name, body } = codec.decode(request)
  const operation = operations.get(name)
  if (operation === undefined) {
    throw unimplemented.includes(name) ? errors.unsupported(name) : errors.unknown(name)
  }
  asked.operation = name
  asked.span?.note('rpc.method', name)
  const home = options.home()
  if (home !== null && operation.scope === 'global' && !operation.readOnly) return home.relay(request)
  const output = (await options.invoke(service, operation, body(), call)) as Readonly<Record<string, unknown>>
  const response = codec.encode(name, output, call.requestId)
  wipe(output)
  return response
}

/** Whose signature a request has, and of which service; a refusal is spoken as a service's own. */
function address(request: WireRequest, endpoints: ReadonlyMap<string, Endpoint>): Addressed {
  const parsed = parseSignature(request)
  const scoped = 'code' in parsed ? undefined : endpoints.get(parsed.service)
  if (!('code' in parsed) && scoped !== undefined) return { endpoint: scoped, signature: parsed }
  const claimed = claimedService(request)
  const meant = targeted(request, endpoints)
  if (meant === null && isForOthers(request, claimed, endpoints)) {
    return {
      refusal: signatureErrors.otherService(claimed, servedByAws(endpoints)),
      refuse: refuseLike(request, claimed),
    }
  }
  const { service, refuse } = meant ?? guess(request, endpoints)
  const refusal = 'code' in parsed ? parsed : signatureErrors.service(service.signingName)
  return { refusal, refuse }
}

/** @throws NoAnswerError where the Region that is asked is down */
function requireUp(
  { service }: Endpoint,
  { region }: ParsedSignature,
  { isDown }: Pick<DispatcherOptions, 'isDown'>,
): void {
  if (service.isOfNoRegion !== true && isDown(region)) throw new NoAnswerError(`${region} is down.`)
}

/** The service whose operations a request names in its header; null where none is here. */
function targeted(request: WireRequest, endpoints: ReadonlyMap<string, Endpoint>): Endpoint | null {
  if (isQuery(request)) return null
  const namespace = targetOf(request)?.prefix
  const isMeant = ({ service }: Endpoint) => service.protocol === 'aws-json' && service.namespace === namespace
  return [...endpoints.values()].find(isMeant) ?? null
}

/** Says whether a request is for no service here; where it does not say for which, by how it is made. */
function isForOthers(request: WireRequest, claimed: string | null, endpoints: ReadonlyMap<string, Endpoint>): boolean {
  if (claimed !== null) return !endpoints.has(claimed)
  if (isQuery(request)) return false
  const { headers, method, path } = request
  return headers['x-amz-target'] !== undefined || method !== 'POST' || path !== '/'
}

function servedByAws(endpoints: ReadonlyMap<string, Endpoint>): readonly string[] {
  const services = [...endpoints.values()].map(({ service }) => service)
  return services.filter(({ eventSource }) => eventSource.endsWith('.amazonaws.com')).map((each) => each.signingName)
}

function originOf({ sourceIp, headers, secure }: WireRequest): Pick<Call, 'sourceIp' | 'userAgent' | 'secure'> {
  return { sourceIp, userAgent: headers['user-agent'] ?? '', secure }
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

/** Under this id whoever runs the server can ask why: `keyspan explain`; and the accounts concerned, over HTTP. */
function withExplanation(response: WireResponse, error: WireError, requestId: string): WireResponse {
  if (!isExplained(error)) return response
  return { ...response, headers: { ...response.headers, 'x-keyspan-explain': requestId } }
}

/** Whose errors an unsigned request would understand: a form is the query protocol's. */
function guess(request: WireRequest, endpoints: ReadonlyMap<string, Endpoint>): Endpoint {
  const protocol = isQuery(request) ? 'aws-query' : 'aws-json'
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
