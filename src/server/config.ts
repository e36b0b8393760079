import { readFileSync } from 'node:fs'
import { COMMERCIAL_REGIONS, isCommercialRegion, type Region } from '../domain/region.ts'
import type { NewAccessKey } from '../kernel/identities/new-access-key.ts'
import type { AuditMode } from '../storage/audit/log.ts'
import { isLoopback } from './http/loopback.ts'
import { reasonOf } from './system-errors.ts'
import type { RetentionLimits } from './trail/retention.ts'

/** What a server is told. */
export interface Config {
  /** The directory of everything that it keeps. */
  readonly data: string
  /** The root key's file; null for `root.key` in the data directory. */
  readonly rootKey: string | null
  /** 0 takes a free port. */
  readonly port: number
  readonly host: string
  /** The Regions to serve; null for every one. */
  readonly regions: readonly Region[] | null
  /** Whether the console is served; null for where only this machine can reach the server. */
  readonly console: boolean | null
  /** Development mode: the clock can be moved, and replication paused. */
  readonly dev: boolean
  readonly audit: AuditMode
  readonly retention: RetentionLimits
  /** `log` lets pass what policies refuse, and logs it. */
  readonly enforcement: 'enforce' | 'log'
  /** `aws` holds each account to AWS's request quotas. */
  readonly throttle: 'off' | 'aws'
  /** PEM files with the roots that may vouch for attestation documents. */
  readonly attestationRoots: readonly string[]
  readonly trails: TrailsConfig
  /** PEM files; null for plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null
  /** Where metrics are served; null where they are not. */
  readonly metrics: MetricsConfig | null
  /** The alarms of the configuration file and their targets, as they stand there; null where there are none. */
  readonly alarms: AlarmsText | null
  /** Nothing is kept: no data directory, and development mode. */
  readonly ephemeral: boolean
  /** Of an ephemeral server, the file that says what it begins with; null for the first account alone. */
  readonly seed: string | null
  /** Of an ephemeral server, an access key of the first account's root user; null for one by chance alone. */
  readonly credentials: NewAccessKey | null
}

/** Where metrics are served, and to whom. */
export interface MetricsConfig {
  /** 0 takes a free one. */
  readonly port: number
  readonly host: string
  /** The file with the token of whoever may ask; null where everybody may who reaches it. */
  readonly tokenFile: string | null
}

/** Alarms as they are written: `alarms/read-alarms.ts` reads them where there are any. */
export interface AlarmsText {
  readonly alarms: unknown
  readonly targets: unknown
}

/** Where trails of CloudTrail are delivered, and how often. */
export interface TrailsConfig {
  /** A directory, or the URL of an S3 endpoint; null for `trails` in the data directory. */
  readonly to: string | null
  /** The file of the credentials for an S3 endpoint; null for none. */
  readonly credentials: string | null
  /** In seconds. */
  readonly interval: number
  /** Of digests, in seconds. */
  readonly digestInterval: number
}

/** A setting that cannot be. It says which, where it was given, and what would do. */
export class ConfigError extends Error {}

/** How a setting is given, and what it means. */
export interface Setting {
  readonly name: string
  readonly flag: string
  readonly env: string
  readonly standard: string
  readonly meaning: string
}

/** THE table of settings. `docs/guide/configuration.md` shows it to the reader. */
export const SETTINGS = [
  setting('config', '<file>', '', 'A JSON file with any of the settings below, each under its own name'),
  setting('data', '<dir>', 'keyspan-data', 'The directory of keys, accounts and the audit log'),
  setting(
    'root-key',
    '<file>',
    '',
    'The file of the root key, apart from the data; `root.key` in it where none is named',
  ),
  setting('port', '<number>', '7700', 'The port; 0 takes a free one'),
  setting('host', '<address>', '127.0.0.1', 'The address to listen on'),
  setting(
    'regions',
    '<list>',
    '',
    'The only Regions to serve, with commas between them; every commercial one where none is named',
  ),
  setting(
    'console',
    '<mode>',
    '',
    'The console below `/console`: `on` or `off`; on where only this machine can reach the server',
  ),
  setting('dev', '', 'false', 'Development mode: `keyspan clock` and `keyspan replication` work'),
  setting('audit', '<mode>', 'normal', '`strict` syncs every record to disk before the answer'),
  setting('audit-keep', '<days>', '365', 'Records of the audit log that are older are deleted; `forever` deletes none'),
  setting(
    'audit-size',
    '<size>',
    '',
    'Where the audit log is larger on disk, such as `20GiB`, its oldest records are deleted, but none of the last seven ' +
      'days; `unlimited` deletes none. A quarter of the disk, and at most 10 GiB, where none is given',
  ),
  setting('enforcement', '<mode>', 'enforce', '`log` lets pass what policies refuse, and logs it'),
  setting('throttle', '<mode>', 'off', '`aws` holds each account to the request quotas of AWS KMS'),
  setting(
    'attestation-root',
    '<file...>',
    '',
    'PEM files with root certificates that are trusted to vouch for `Recipient`',
  ),
  setting(
    'trails',
    '<place>',
    '',
    'Where trails are delivered: a directory, or the URL of an S3 endpoint; `trails` in the data where none is named',
  ),
  setting('trails-credentials', '<file>', '', 'For an S3 endpoint, a file of credentials in the format of AWS'),
  setting('trails-interval', '<seconds>', '300', 'How often trails are delivered'),
  setting('trails-digest', '<seconds>', '3600', 'How often their signed digests are'),
  setting('tls-cert', '<file>', '', 'A PEM file with the certificate chain; turns TLS on'),
  setting('tls-key', '<file>', '', 'A PEM file with its private key'),
  setting('metrics-port', '<number>', '', 'Serves `GET /metrics` for Prometheus on this port; 0 takes a free one'),
  setting('metrics-host', '<address>', '127.0.0.1', 'The address to serve them on; elsewhere they need a token'),
  setting('metrics-token-file', '<file>', '', 'A file with the bearer token that whoever asks for them must send'),
  setting('ephemeral', '', 'false', 'Keeps nothing: for tests. Development mode, on a free port where none is given'),
  setting('seed', '<file>', '', 'With `--ephemeral`, what there is at the beginning'),
  setting(
    'credentials',
    '<id:secret>',
    '',
    'With `--ephemeral`, an access key of the root user of the first account, such as `test:test`',
  ),
] as const satisfies readonly Setting[]

function setting<Name extends string>(name: Name, value: string, standard: string, meaning: string) {
  const env = `KEYSPAN_${name.toUpperCase().replaceAll('-', '_')}`
  return { name, flag: `--${name} ${value}`.trim(), env, standard, meaning }
}

/** What only the configuration file has. */
const FILE_ONLY = ['alarms', 'alarm-targets'] as const

/** Where a value comes from that was not given. */
const DEFAULT = 'the default'

type Name = (typeof SETTINGS)[number]['name']
type Given = Readonly<Partial<Record<string, unknown>>>

/** A value with the place it came from, for errors. */
interface Value {
  readonly text: string
  readonly from: string
}

/**
 * Settles each setting: a flag wins over the environment, which wins over the file, which wins over the default.
 *
 * @throws ConfigError for a value that cannot be, and for a name in the file that is no setting
 */
export function readConfig(flags: Given, env: Given): Config {
  const path = valueOf('config', flags, env, {}).text
  const file = path === '' ? {} : readConfigFile(path)
  const value = (name: Name) => valueOf(name, flags, env, file)
  const cert = value('tls-cert').text
  const key = value('tls-key').text
  if ((cert === '') !== (key === '')) {
    throw new ConfigError('TLS needs both a certificate and its private key: give tls-cert and tls-key, or neither.')
  }
  const ephemeral = readFlag(value('ephemeral'))
  refuseMixed(ephemeral, value)
  return {
    data: readData(value('data')),
    rootKey: value('root-key').text === '' ? null : value('root-key').text,
    port: readPort(ephemeral && value('port').from === DEFAULT ? { text: '0', from: DEFAULT } : value('port')),
    host: value('host').text,
    regions: readRegions(value('regions')),
    console: readConsole(value('console')),
    dev: ephemeral || readFlag(value('dev')),
    audit: readAuditMode(value('audit')),
    retention: { days: readAuditKeep(value('audit-keep')), bytes: readAuditSize(value('audit-size')) },
    enforcement: readEnforcement(value('enforcement')),
    throttle: readThrottle(value('throttle')),
    attestationRoots: readFiles(value('attestation-root')),
    trails: readTrails(value),
    tls: cert === '' ? null : { cert, key },
    metrics: readMetrics(value),
    alarms: alarmsIn(file, ephemeral),
    ephemeral,
    seed: value('seed').text === '' ? null : value('seed').text,
    credentials: readCredentials(value('credentials')),
  }
}

function alarmsIn(file: Given, ephemeral: boolean): AlarmsText | null {
  const { alarms = [], 'alarm-targets': targets = [] } = file
  const isNone = [alarms, targets].every((each) => Array.isArray(each) && each.length === 0)
  if (isNone) return null
  if (!ephemeral) return { alarms, targets }
  throw new ConfigError('"alarms" in the configuration file have no meaning with --ephemeral, which keeps nothing.')
}

/** What has no meaning for a server that keeps nothing, and what has one only there. */
const OF_KEPT = ['data', 'root-key', 'audit', 'audit-keep', 'audit-size', 'metrics-port'] as const
const OF_EPHEMERAL = ['seed', 'credentials'] as const

function refuseMixed(ephemeral: boolean, value: (name: Name) => Value): void {
  if (ephemeral) {
    const kept = OF_KEPT.find((name) => value(name).from === flagOf(name))
    if (kept === undefined) return
    throw new ConfigError(`--${kept} has no meaning with --ephemeral, which keeps nothing. Leave one of them out.`)
  }
  const given = OF_EPHEMERAL.map(value).find(({ text }) => text !== '')
  if (given === undefined) return
  throw new ConfigError(
    `"${given.text.replace(/:.*/, ':...')}" from ${given.from} is for --ephemeral only: a server that keeps its data ` +
      'begins with an empty account, and a backup is put back by keyspan restore.',
  )
}

function flagOf(name: Name): string {
  return `the flag --${name}`
}

function valueOf(name: Name, flags: Given, env: Given, file: Given): Value {
  const row = SETTINGS.find((each) => each.name === name)
  if (row === undefined) throw new Error(`INVARIANT: ${name} is a setting`)
  const sources: readonly (readonly [unknown, string])[] = [
    [flags[name], flagOf(name)],
    [env[row.env], `the environment variable ${row.env}`],
    [file[name], `"${name}" in the configuration file`],
  ]
  for (const [value, from] of sources) {
    if (value === undefined) continue
    return { text: textOf(value, from), from }
  }
  return { text: row.standard, from: DEFAULT }
}

function textOf(value: unknown, from: string): string {
  if (Array.isArray(value)) return value.map((item) => textOf(item, from)).join(',')
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new ConfigError(`${from} must be text, a number, true or false, or a list of texts.`)
}

function readConfigFile(path: string): Given {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new ConfigError(`The configuration file ${path} cannot be read as JSON: ${reasonOf(error)}.`, {
      cause: error,
    })
  }
  if (content === null || typeof content !== 'object' || Array.isArray(content)) {
    throw new ConfigError(`The configuration file ${path} must hold a JSON object.`)
  }
  const settings = SETTINGS.map((row) => row.name).filter((name) => name !== 'config')
  const known: readonly string[] = [...settings, ...FILE_ONLY]
  const unknown = Object.keys(content).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new ConfigError(`"${unknown}" in ${path} is no setting. There are ${known.join(', ')}.`)
  }
  return content as Given
}

function readData({ text, from }: Value): string {
  if (text !== '') return text
  throw new ConfigError(`${from} names no data directory: it is empty.`)
}

function readPort({ text, from }: Value): number {
  const port = Number(text)
  if (text !== '' && Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new ConfigError(`The port "${text}" from ${from} is not a number from 0 to 65535.`)
}

/** SECURITY: what others can reach is shown to nobody without a token. */
function readMetrics(value: (name: Name) => Value): MetricsConfig | null {
  const [port, host, token] = [value('metrics-port'), value('metrics-host'), value('metrics-token-file')]
  if (port.text === '') {
    const idle = [host, token].find(({ from }) => from !== DEFAULT)
    if (idle === undefined) return null
    throw new ConfigError(`"${idle.text}" from ${idle.from} is for metrics, and none are served: give metrics-port.`)
  }
  if (token.text === '' && !isLoopback(host.text)) {
    throw new ConfigError(
      `Metrics on "${host.text}" from ${host.from} can be asked for by others than this machine: give ` +
        'metrics-token-file a file with a token, such as openssl rand -hex 32 prints, or leave metrics-host at 127.0.0.1.',
    )
  }
  return { port: readPort(port), host: host.text, tokenFile: token.text === '' ? null : token.text }
}

function readRegions({ text, from }: Value): readonly Region[] | null {
  if (from === DEFAULT) return null
  const regions = [...new Set(text.split(',').map((region) => region.trim()))]
  const unknown = regions.find((region) => !isCommercialRegion(region))
  if (unknown === undefined) return regions
  throw new ConfigError(
    `The Region "${unknown}" from ${from} is not a commercial AWS Region. There are ${COMMERCIAL_REGIONS.join(', ')}.`,
  )
}

function readFiles({ text }: Value): readonly string[] {
  return text
    .split(',')
    .map((file) => file.trim())
    .filter((file) => file !== '')
}

function readFlag({ text, from }: Value): boolean {
  if (text === 'true' || text === '1') return true
  if (text === 'false' || text === '0' || text === '') return false
  throw new ConfigError(`"${text}" from ${from} is neither true nor false.`)
}

function readCredentials({ text, from }: Value): NewAccessKey | null {
  if (text === '') return null
  const [, accessKeyId, secretAccessKey] = /^(\w{1,128}):(.+)$/.exec(text) ?? []
  if (accessKeyId !== undefined && secretAccessKey !== undefined) return { accessKeyId, secretAccessKey }
  throw new ConfigError(
    `The credentials from ${from} are not an access key id, a colon and a secret, such as test:test.`,
  )
}

/** The longest interval, in seconds. */
const MAX_INTERVAL = 86_400

function readTrails(value: (name: Name) => Value): TrailsConfig {
  const to = value('trails')
  const credentials = value('trails-credentials')
  if (isEndpoint(to.text) !== (credentials.text !== '')) {
    throw new ConfigError(
      credentials.text === ''
        ? `Trails are to be delivered to ${to.text}, which needs credentials: give trails-credentials, a file of them.`
        : `The credentials in ${credentials.text} are for an S3 endpoint: give trails its URL, or leave them out.`,
    )
  }
  if (isEndpoint(to.text) && !URL.canParse(to.text)) {
    throw new ConfigError(`"${to.text}" from ${to.from} is no URL of an S3 endpoint, such as https://s3.example.com.`)
  }
  return {
    to: to.text === '' ? null : to.text,
    credentials: credentials.text === '' ? null : credentials.text,
    interval: readSeconds(value('trails-interval')),
    digestInterval: readSeconds(value('trails-digest')),
  }
}

/** Says whether a place is an S3 endpoint, and no directory. */
export function isEndpoint(place: string): boolean {
  return /^https?:\/\//.test(place)
}

function readSeconds({ text, from }: Value): number {
  const seconds = Number(text)
  if (text !== '' && Number.isInteger(seconds) && seconds >= 1 && seconds <= MAX_INTERVAL) return seconds
  throw new ConfigError(`The interval "${text}" from ${from} is not a number of seconds from 1 to ${MAX_INTERVAL}.`)
}

function readAuditMode({ text, from }: Value): AuditMode {
  if (text === 'normal' || text === 'strict') return text
  throw new ConfigError(`The audit mode "${text}" from ${from} is neither normal nor strict.`)
}

function readConsole({ text, from }: Value): boolean | null {
  if (text === '') return null
  if (text === 'on' || text === 'off') return text === 'on'
  throw new ConfigError(`The console "${text}" from ${from} is neither on nor off.`)
}

function readAuditKeep({ text, from }: Value): number | null {
  if (text === 'forever') return null
  const days = Number(text)
  if (text !== '' && Number.isInteger(days) && days >= 1 && days <= 36_500) return days
  throw new ConfigError(`The days of the audit log, "${text}" from ${from}, are neither a number from 1 nor forever.`)
}

const UNITS: Readonly<Record<string, number>> = { MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 }

function readAuditSize({ text, from }: Value): RetentionLimits['bytes'] {
  if (text === '') return 'by disk'
  if (text === 'unlimited') return text
  const [, number, unit = ''] = /^([1-9]\d{0,5}) ?([MGT]iB)$/.exec(text) ?? []
  if (number !== undefined) return Number(number) * (UNITS[unit] ?? 1)
  throw new ConfigError(
    `The size of the audit log, "${text}" from ${from}, is neither a number of MiB, GiB or TiB, such as 20GiB, nor unlimited.`,
  )
}

function readEnforcement({ text, from }: Value): Config['enforcement'] {
  if (text === 'enforce' || text === 'log') return text
  throw new ConfigError(`The enforcement "${text}" from ${from} is neither enforce nor log.`)
}

function readThrottle({ text, from }: Value): Config['throttle'] {
  if (text === 'off' || text === 'aws') return text
  throw new ConfigError(`The throttle "${text}" from ${from} is neither off nor aws.`)
}
