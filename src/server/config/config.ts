import { readFileSync } from 'node:fs'
import type { Region } from '../../domain/region.ts'
import type { NewAccessKey } from '../../kernel/identities/new-access-key.ts'
import type { AuditMode } from '../../storage/audit/log.ts'
import { reasonOf } from '../system-errors.ts'
import type { RetentionLimits } from '../trail/retention.ts'
import { ConfigError } from './config-error.ts'
import { DATABASE_SETTINGS, readDatabase, type DatabaseConfig } from './database.ts'
import { readMetrics, type MetricsConfig } from './metrics.ts'
import { readRoot, ROOT_SETTINGS, type RootConfig } from './root.ts'
import { readPeers, type PeersConfig } from './peers.ts'
import { SETTINGS, type SettingName } from './settings.ts'
import { readTrails, type TrailsConfig } from './trails.ts'
import {
  DEFAULT,
  readAuditKeep,
  readAuditMode,
  readAuditSize,
  readConsole,
  readCredentials,
  readData,
  readEnforcement,
  readFiles,
  readFlag,
  readPort,
  readRegions,
  readThrottle,
  type Value,
} from './values.ts'

/** What a server is told. */
export interface Config {
  /** The directory of everything that it keeps. */
  readonly data: string
  /** Where keys and accounts are; null for files in the data directory. */
  readonly database: DatabaseConfig | null
  /** The root key's file; null for `root.key` in the data directory. */
  readonly rootKey: string | null
  readonly root: RootConfig
  /** 0 takes a free port. */
  readonly port: number
  readonly host: string
  /** The Regions to serve; null for every one. */
  readonly regions: readonly Region[] | null
  /** Whether the console is served; null for where only this machine can reach the server. */
  readonly console: boolean | null
  /** Development mode: the clock can be moved, and Regions taken apart. */
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
  readonly peers: PeersConfig
  /** The alarms of the configuration file and their targets, as they stand there; null where there are none. */
  readonly alarms: AlarmsText | null
  /** Nothing is kept: no data directory, and development mode. */
  readonly ephemeral: boolean
  /** Of an ephemeral server, the file that says what it begins with; null for the first account alone. */
  readonly seed: string | null
  /** Of an ephemeral server, an access key of the first account's root user; null for one by chance alone. */
  readonly credentials: NewAccessKey | null
}

/** Alarms as they are written: `alarms/read-alarms.ts` reads them where there are any. */
export interface AlarmsText {
  readonly alarms: unknown
  readonly targets: unknown
}

/** What only the configuration file has. */
const FILE_ONLY = ['alarms', 'alarm-targets'] as const

type Given = Readonly<Partial<Record<string, unknown>>>

/**
 * Settles each setting: a flag wins over the environment, which wins over the file, which wins over the default.
 *
 * @throws ConfigError for a value that cannot be, and for a name in the file that is no setting
 */
export function readConfig(flags: Given, env: Given): Config {
  const path = valueOf('config', flags, env, {}).text
  const file = path === '' ? {} : readConfigFile(path)
  const value = (name: SettingName) => valueOf(name, flags, env, file)
  const cert = value('tls-cert').text
  const key = value('tls-key').text
  if ((cert === '') !== (key === '')) {
    throw new ConfigError('TLS needs both a certificate and its private key: give tls-cert and tls-key, or neither.')
  }
  const ephemeral = readFlag(value('ephemeral'))
  refuseMixed(ephemeral, value)
  refuseSamePort(value)
  return {
    data: readData(value('data')),
    database: readDatabase(value),
    rootKey: value('root-key').text === '' ? null : value('root-key').text,
    root: readRoot(value),
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
    peers: readPeers(value),
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
const OF_KEPT = [
  'data',
  ...DATABASE_SETTINGS,
  'root-key',
  ...ROOT_SETTINGS,
  'audit',
  'audit-keep',
  'audit-size',
  'metrics-port',
  'peer',
  'peer-port',
] as const
const OF_EPHEMERAL = ['seed', 'credentials'] as const

function refuseMixed(ephemeral: boolean, value: (name: SettingName) => Value): void {
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

/** The settings of what a server listens at: a port, and on which address. */
const LISTENS = [
  ['port', 'host'],
  ['metrics-port', 'metrics-host'],
  ['peer-port', 'peer-host'],
] as const

/** One server cannot listen twice on one port of one address. */
function refuseSamePort(value: (name: SettingName) => Value): void {
  const taken = new Map<string, SettingName>()
  for (const [name, host] of LISTENS) {
    const [port, address] = [value(name), value(host).text]
    if (port.text === '' || port.text === '0') continue
    const place = `${address} ${port.text}`
    const other = taken.get(place)
    if (other === undefined) taken.set(place, name)
    else
      throw new ConfigError(
        `${name} (${port.from}) is ${port.text}, and so is ${other}. Give one of them another; 0 takes a free one.`,
      )
  }
}

function flagOf(name: SettingName): string {
  return `the flag --${name}`
}

function valueOf(name: SettingName, flags: Given, env: Given, file: Given): Value {
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
