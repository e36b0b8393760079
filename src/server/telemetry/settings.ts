import { ConfigError } from '../config/config-error.ts'

/** Where the standard variables of OpenTelemetry are found. */
export type Environment = Readonly<Partial<Record<string, string>>>

/** Where one kind of things is sent, and how. */
export interface SignalSettings {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly protocol: 'http/json' | 'http/protobuf'
  /** How long the collector may take to answer, in milliseconds. */
  readonly timeout: number
}

/** Which traces are kept that nobody else has begun, and whether what others have decided is followed. */
export interface SamplerSettings {
  readonly followsParent: boolean
  /** From 0 for none to 1 for all. */
  readonly ratio: number
}

/** What is told to a collector. */
export interface TelemetrySettings {
  /** Null where they are not sent. */
  readonly traces: SignalSettings | null
  readonly logs: SignalSettings | null
  readonly sampler: SamplerSettings
  /** What sends: `service.name` and what the operator says besides. */
  readonly resource: Readonly<Record<string, string>>
}

type Signal = 'TRACES' | 'LOGS'

const TIMEOUT_MS = 10_000

/** Samplers by their names; a number is a ratio that is fixed. */
const SAMPLERS: Readonly<Record<string, readonly [followsParent: boolean, ratio: number | null]>> = {
  always_on: [false, 1],
  always_off: [false, 0],
  traceidratio: [false, null],
  parentbased_always_on: [true, 1],
  parentbased_always_off: [true, 0],
  parentbased_traceidratio: [true, null],
}

/** Says whether anything is to be sent. It is asked at each start, and costs nothing. */
export function isTelemetryAsked(env: Environment): boolean {
  const named = ['', 'TRACES_', 'LOGS_'].some((signal) => given(env, `OTEL_EXPORTER_OTLP_${signal}ENDPOINT`) !== null)
  return named && given(env, 'OTEL_SDK_DISABLED')?.toLowerCase() !== 'true'
}

/**
 * Reads OpenTelemetry's standard variables.
 *
 * @throws ConfigError that names the variable
 */
export function readTelemetry(env: Environment): TelemetrySettings {
  return {
    traces: readSignal(env, 'TRACES'),
    logs: readSignal(env, 'LOGS'),
    sampler: readSampler(env),
    resource: readResource(env),
  }
}

function readSignal(env: Environment, signal: Signal): SignalSettings | null {
  const exporter = given(env, `OTEL_${signal}_EXPORTER`) ?? 'otlp'
  if (exporter !== 'otlp' && exporter !== 'none') {
    throw new ConfigError(`The exporter "${exporter}" from OTEL_${signal}_EXPORTER is neither otlp nor none.`)
  }
  const url = readUrl(env, signal)
  if (exporter === 'none' || url === null) return null
  const [protocol, timeout, headers] = ['PROTOCOL', 'TIMEOUT', 'HEADERS'].map((name) => special(env, signal, name))
  return { url, headers: readHeaders(headers), protocol: readProtocol(protocol), timeout: readTimeout(timeout) }
}

/** A variable that may be given for one signal or for all. */
interface Variable {
  readonly name: string
  readonly text: string
}

function special(env: Environment, signal: Signal, name: string): Variable | undefined {
  const names = [`OTEL_EXPORTER_OTLP_${signal}_${name}`, `OTEL_EXPORTER_OTLP_${name}`]
  const found = names.find((each) => given(env, each) !== null)
  return found === undefined ? undefined : { name: found, text: given(env, found) ?? '' }
}

function readUrl(env: Environment, signal: Signal): URL | null {
  const own = given(env, `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`)
  if (own !== null) return parseUrl(own, `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`)
  const shared = given(env, 'OTEL_EXPORTER_OTLP_ENDPOINT')
  if (shared === null) return null
  const base = parseUrl(shared, 'OTEL_EXPORTER_OTLP_ENDPOINT')
  base.pathname = `${base.pathname.replace(/\/$/, '')}/v1/${signal.toLowerCase()}`
  return base
}

function parseUrl(text: string, name: string): URL {
  const url = URL.parse(text)
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  throw new ConfigError(`"${text}" from ${name} is no address over HTTP, such as http://127.0.0.1:4318.`)
}

function readProtocol(variable?: Variable): SignalSettings['protocol'] {
  const { name, text } = variable ?? { name: '', text: 'http/protobuf' }
  if (text === 'http/json' || text === 'http/protobuf') return text
  const instead = text === 'grpc' ? ' A collector that listens for gRPC on 4317 listens for HTTP on 4318.' : ''
  throw new ConfigError(`The protocol "${text}" from ${name} is neither http/protobuf nor http/json.${instead}`)
}

function readTimeout(variable?: Variable): number {
  if (variable === undefined) return TIMEOUT_MS
  const timeout = Number(variable.text)
  if (Number.isInteger(timeout) && timeout > 0) return timeout
  throw new ConfigError(`"${variable.text}" from ${variable.name} is no number of milliseconds.`)
}

/** SECURITY: what is said of headers that cannot be does not show them: they carry tokens. */
function readHeaders(variable?: Variable): Readonly<Record<string, string>> {
  return variable === undefined ? {} : readPairs(variable, /^[\w!#$%&'*+.^`|~-]+$/)
}

function readResource(env: Environment): Readonly<Record<string, string>> {
  const name = 'OTEL_RESOURCE_ATTRIBUTES'
  const text = given(env, name)
  const attributes = text === null ? {} : readPairs({ name, text }, /^[\x21-\x7E]+$/)
  const service = given(env, 'OTEL_SERVICE_NAME') ?? attributes['service.name'] ?? 'keyspan'
  return { ...attributes, 'service.name': service }
}

/** Pairs as in `key1=value1,key2=value2`, percent-encoded. */
function readPairs({ name, text }: Variable, key: RegExp): Readonly<Record<string, string>> {
  const pairs = text.split(',').filter((pair) => pair.trim() !== '')
  return Object.fromEntries(
    pairs.map((pair, index) => {
      const [, left = '', right = ''] = /^\s*([^=]*?)\s*=\s*(.*?)\s*$/.exec(pair) ?? []
      try {
        const value = decodeURIComponent(right)
        if (key.test(left) && !/[\r\n]/.test(value)) return [left, value]
      } catch {
        // A percent sign that encodes nothing.
      }
      throw new ConfigError(`Part ${index + 1} of ${name} is not a name, "=" and a percent-encoded value.`)
    }),
  )
}

function readSampler(env: Environment): SamplerSettings {
  const name = given(env, 'OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on'
  const sampler = SAMPLERS[name]
  if (sampler === undefined) {
    const names = Object.keys(SAMPLERS).join(', ')
    throw new ConfigError(`The sampler "${name}" from OTEL_TRACES_SAMPLER is none. There are ${names}.`)
  }
  const [followsParent, fixed] = sampler
  const argument = given(env, 'OTEL_TRACES_SAMPLER_ARG') ?? '1'
  const ratio = fixed ?? Number(argument)
  if (ratio >= 0 && ratio <= 1) return { followsParent, ratio }
  throw new ConfigError(`"${argument}" from OTEL_TRACES_SAMPLER_ARG is no ratio from 0 to 1.`)
}

/** An empty variable is none, as the specification has it. */
function given(env: Environment, name: string): string | null {
  const text = env[name]?.trim() ?? ''
  return text === '' ? null : text
}
