import { parsePostgresUrl, PostgresAddressError, type PostgresAddress } from '../../storage/postgres/postgres-url.ts'
import { reasonOf } from '../system-errors.ts'
import { ConfigError } from './config-error.ts'
import type { SettingName } from './settings.ts'
import type { Value } from './values.ts'

/** A database of PostgreSQL that holds what would be in files. */
export interface DatabaseConfig {
  readonly address: PostgresAddress
  /** Null for what libpq would use: PGPASSWORD, or the file that PGPASSFILE names. */
  readonly passwordFile: string | null
  /** Where this process is reached by others that serve the same database; null where it serves alone. */
  readonly node: { readonly host: string; readonly port: number } | null
}

/** Those that say where the database is. */
export const DATABASE_SETTINGS = ['database', 'database-password-file', 'node-address'] as const

/** Null where files of SQLite are used. @throws ConfigError */
export function readDatabase(value: (name: SettingName) => Value): DatabaseConfig | null {
  const { text, from } = value('database')
  const file = value('database-password-file')
  if (text === '') {
    const idle = [file, value('node-address')].find((each) => each.text !== '')
    if (idle === undefined) return null
    throw new ConfigError(`"${idle.text}" from ${idle.from} is for a database, and none is named. Give --database.`)
  }
  const node = readNode(value('node-address'))
  try {
    return { address: parsePostgresUrl(text), passwordFile: file.text === '' ? null : file.text, node }
  } catch (error) {
    // SECURITY: the address itself is not shown: there may be a password in it.
    const reason = error instanceof PostgresAddressError ? error.message : reasonOf(error)
    throw new ConfigError(
      `The database from ${from} cannot be used: ${reason}. Give --database postgres://user@host:5432/keyspan, and the ` +
        'password by --database-password-file or PGPASSFILE.',
      { cause: error },
    )
  }
}

/** SECURITY: an address at which every machine can be meant is none at which others find this one. */
function readNode({ text, from }: Value): DatabaseConfig['node'] {
  if (text === '') return null
  const [, name = '', digits = ''] = /^(\[[\da-fA-F:]+\]|[^:[\]\s/@]+):(\d{1,5})$/.exec(text) ?? []
  const host = name.replaceAll(/[[\]]/g, '')
  const port = Number(digits)
  if (host !== '' && port <= 65_535 && !['0.0.0.0', '::'].includes(host)) return { host, port }
  throw new ConfigError(
    `The address "${text}" from ${from} is not a host and a port at which other processes reach this one, such as ` +
      '10.0.0.1:7702.',
  )
}
