import { isLoopback } from '../http/loopback.ts'
import { ConfigError } from './config-error.ts'
import type { SettingName } from './settings.ts'
import type { Value } from './values.ts'

const KINDS = ['file', 'passphrase', 'aws-kms', 'pkcs11'] as const

/** What can hold a root key. */
export type RootKind = (typeof KINDS)[number]

/** Where a root key in AWS KMS, or in another Keyspan, is. */
export interface RootKmsConfig {
  /** Its id, ARN or alias; null where none is named. */
  readonly key: string | null
  /** Null for that of AWS. */
  readonly endpoint: URL | null
  /** A file in AWS's format; null for the environment. */
  readonly credentials: string | null
}

/** Where a root key in an HSM is. */
export interface RootHsmConfig {
  /** The PKCS#11 library of its maker; null where none is named. */
  readonly module: string | null
  /** The label of the token. */
  readonly token: string | null
  /** The label of the key, for who takes or makes one. */
  readonly key: string | null
  /** A file with the PIN; null where an operator gives it. */
  readonly pinFile: string | null
}

/** What is said of the root key. */
export interface RootConfig {
  /** Null for what the data says. */
  readonly kind: RootKind | null
  /** Null where an operator gives it. */
  readonly passphraseFile: string | null
  readonly kms: RootKmsConfig
  readonly hsm: RootHsmConfig
}

/** Where nothing is said of the root key. */
export const NO_ROOT_SETTINGS: RootConfig = {
  kind: null,
  passphraseFile: null,
  kms: { key: null, endpoint: null, credentials: null },
  hsm: { module: null, token: null, key: null, pinFile: null },
}

/** The settings of what holds the root key; for `file`, `root-key` is another. */
export const ROOT_SETTINGS = [
  'root-key-provider',
  'passphrase-file',
  'root-kms-key',
  'root-kms-endpoint',
  'root-kms-credentials',
  'root-hsm-module',
  'root-hsm-token',
  'root-hsm-key',
  'root-hsm-pin-file',
] as const satisfies readonly SettingName[]

/** @throws ConfigError */
export function readRoot(value: (name: SettingName) => Value): RootConfig {
  const textOf = (name: (typeof ROOT_SETTINGS)[number]) => (value(name).text === '' ? null : value(name).text)
  const kind = readKind(value('root-key-provider'))
  const foreign = ROOT_SETTINGS.find((name) => textOf(name) !== null && kind !== null && !isOf(name, kind))
  if (foreign !== undefined) {
    throw new ConfigError(`${value(foreign).from} has no meaning with the root key provider ${kind}. Leave it out.`)
  }
  return {
    kind,
    passphraseFile: textOf('passphrase-file'),
    kms: {
      key: textOf('root-kms-key'),
      endpoint: readEndpoint(value('root-kms-endpoint')),
      credentials: textOf('root-kms-credentials'),
    },
    hsm: {
      module: textOf('root-hsm-module'),
      token: textOf('root-hsm-token'),
      key: textOf('root-hsm-key'),
      pinFile: textOf('root-hsm-pin-file'),
    },
  }
}

function isOf(name: string, kind: RootKind): boolean {
  if (name === 'passphrase-file') return kind === 'passphrase'
  if (name.startsWith('root-hsm')) return kind === 'pkcs11'
  return !name.startsWith('root-kms') || kind === 'aws-kms'
}

function readKind({ text, from }: Value): RootKind | null {
  if (text === '') return null
  const kind = KINDS.find((each) => each === text)
  if (kind !== undefined) return kind
  throw new ConfigError(`The root key provider "${text}" from ${from} is none. There are ${KINDS.join(', ')}.`)
}

/** SECURITY: new domain keys are sent there. */
function readEndpoint({ text, from }: Value): URL | null {
  if (text === '') return null
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.pathname !== '/' || url.search !== '') {
    throw new ConfigError(`"${text}" from ${from} is no URL of an endpoint, such as https://kms.example.com.`)
  }
  if (url.protocol === 'https:' || isLoopback(url.hostname.replaceAll(/[[\]]/g, ''))) return url
  throw new ConfigError(`"${text}" from ${from} would send keys in the clear. Give one that begins with https://.`)
}
