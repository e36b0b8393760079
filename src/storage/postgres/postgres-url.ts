import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'

/** Where a database of PostgreSQL is, and who asks for it. */
export interface PostgresAddress {
  /** Those that may serve it: the first one that takes changes is used. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  readonly database: string
  readonly user: string
  /** False for a connection in the clear. */
  readonly tls: false | ConnectionOptions
  /** What a person may read of it. */
  readonly text: string
}

/** An address that cannot be used; the message has a sentence that says why. */
export class PostgresAddressError extends Error {}

const FORM = /^postgres(?:ql)?:\/\/(?:([^/@]*)@)?([^/?]+)\/([^?]+)(?:\?(.*))?$/
const MODES = ['disable', 'require', 'verify-full'] as const
const MAX_PORT = 65_535
const PARAMETERS = ['sslmode', 'sslrootcert']

/**
 * Reads an address in the form of libpq: `postgres://user@host:5432,host:5432/database?sslmode=verify-full`.
 *
 * `sslmode` is `disable`, `require`, which believes any certificate, or `verify-full`, which is the standard wherever
 * not every host is of this machine; `sslrootcert` is a PEM file of those who are believed.
 *
 * SECURITY: a password in it would be read by whoever may list processes.
 *
 * @throws PostgresAddressError
 */
export function parsePostgresUrl(url: string): PostgresAddress {
  const [, credentials = '', names = '', database = '', query = ''] = FORM.exec(url) ?? []
  if (credentials.includes(':')) {
    throw new PostgresAddressError('it has a password, which others may read: put that into a file')
  }
  if (names === '' || credentials === '') {
    throw new PostgresAddressError('it is not of the form postgres://user@host:5432/database')
  }
  const hosts = names.split(',').map((name) => {
    const [, host = '', port = '5432'] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(name) ?? []
    if (host === '') throw new PostgresAddressError(`"${name}" is no host with a port`)
    if (Number(port) < 1 || Number(port) > MAX_PORT) {
      throw new PostgresAddressError(`the port ${port} of "${name}" is none: there are 1 to ${MAX_PORT}`)
    }
    return { host: decodeURIComponent(host.replaceAll(/[[\]]/g, '')), port: Number(port) }
  })
  const parameters = new URLSearchParams(query)
  const unknown = [...parameters.keys()].find((name) => !PARAMETERS.includes(name))
  if (unknown !== undefined) {
    throw new PostgresAddressError(`it has "${unknown}", and ${PARAMETERS.join(' and ')} are possible`)
  }
  return {
    hosts,
    database: decodeURIComponent(database),
    user: decodeURIComponent(credentials),
    tls: tlsOf(parameters, hosts),
    text: `postgres://${credentials}@${names}/${database}`,
  }
}

function tlsOf(parameters: URLSearchParams, hosts: PostgresAddress['hosts']): PostgresAddress['tls'] {
  const isNear = hosts.every(({ host }) => host.startsWith('/') || host === 'localhost' || isLoopback(host))
  const mode = parameters.get('sslmode') ?? (isNear ? 'disable' : 'verify-full')
  if (!(MODES as readonly string[]).includes(mode)) {
    throw new PostgresAddressError(`its sslmode "${mode}" is none of ${MODES.join(', ')}`)
  }
  if (mode === 'disable') return false
  const file = parameters.get('sslrootcert')
  const ca = file === null ? {} : { ca: readAuthority(file) }
  return { ...ca, rejectUnauthorized: mode === 'verify-full' || file !== null }
}

function readAuthority(file: string): string {
  try {
    const pem = readFileSync(file, 'utf8')
    requireCertificate(pem)
    return pem
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw new PostgresAddressError(
      `its sslrootcert ${file} ${isMissing ? 'is not there' : 'cannot be read as certificates in PEM'}`,
      { cause: error },
    )
  }
}

function requireCertificate(pem: string): X509Certificate {
  return new X509Certificate(pem)
}

function isLoopback(host: string): boolean {
  return (isIP(host) === 4 && host.startsWith('127.')) || host === '::1'
}
