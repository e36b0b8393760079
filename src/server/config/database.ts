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
}

/** Those that say where the database is. */
export const DATABASE_SETTINGS = ['database', 'database-password-file'] as const

/** Null where files of SQLite are used. @throws ConfigError */
export function readDatabase(value: (name: SettingName) => Value): DatabaseConfig | null {
  const { text, from } = value('database')
  const file = value('database-password-file')
  if (text === '') {
    if (file.text === '') return null
    throw new ConfigError(`"${file.text}" from ${file.from} is for a database, and none is named. Give --database.`)
  }
  try {
    return { address: parsePostgresUrl(text), passwordFile: file.text === '' ? null : file.text }
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
