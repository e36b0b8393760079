import { existsSync } from 'node:fs'
import { Command, Option } from 'commander'
import { readConfig } from '../server/config/config.ts'
import { ConfigError } from '../server/config/config-error.ts'
import { DATABASE_SETTINGS } from '../server/config/database.ts'
import { DataDirectoryError, lockDataDirectory } from '../server/data/data-directory.ts'
import type { CopyTarget } from '../server/data/copy-stores.ts'
import { dataOf, ROOT_FLAGS, settingsOf, withSettings } from './options.ts'
import { openRootOf } from './passphrase.ts'
import { withManual } from './speech/manual.ts'
import { answer, outputOption, type Output } from './speech/output.ts'
import { showProgress } from './speech/progress.ts'

interface CopyOptions {
  readonly to: CopyTarget
  readonly output: Output
}

/** `keyspan storage copy` */
export function storageCommand(): Command {
  return new Command('storage')
    .description('Copies keys and accounts from files into PostgreSQL, and back.')
    .addCommand(copyCommand())
}

function copyCommand(): Command {
  const copy = withSettings(new Command('copy'), ['data', ...DATABASE_SETTINGS, ...ROOT_FLAGS, 'config'])
    .description('Copies every store of a deployment that nobody serves, and holds each copy against its digest.')
    .addOption(
      new Option('--to <place>', 'where the data is then').choices(['database', 'files']).makeOptionMandatory(),
    )
    .addOption(outputOption())
    .action(async ({ to, output }: CopyOptions, command: Command) => {
      const data = dataOf(command)
      const { database } = readConfig(settingsOf(command), process.env)
      if (database === null) throw new ConfigError('No database is named. Give --database postgres://user@host/keyspan')
      // Nothing is made in a directory that was named by mistake.
      if (!existsSync(data.path))
        throw new DataDirectoryError(`There is no ${data.path}. Give --data the data directory of the server.`)
      using _lock = await lockDataDirectory(data)
      const { takePostgres } = await import('../server/data/postgres-kept.ts')
      const { copyStores } = await import('../server/data/copy-stores.ts')
      const kept = await takePostgres(database, data)
      try {
        using _progress = showProgress('storage copy')
        const { places, rows } = await copyStores(data, kept, await openRootOf(command, data, false), to)
        const next =
          to === 'database'
            ? `Start the server with --database ${database.address.text}`
            : 'Start the server without --database; nobody serves the database any more, and you may drop it'
        answer(output, `${places.length} stores with ${rows} rows are copied, and every row was checked. ${next}.\n`, {
          to,
          places,
          rows,
        })
      } finally {
        await kept.close()
      }
    })
  return withManual(copy, {
    more: [
      'Stop every server of the deployment first. The target must be empty. Killed at any moment, the command can be run ' +
        'again; until it has ended, the data is where it was. What was copied is put aside, and is served by nobody: ' +
        'files are moved into a directory copied-... in the data directory, and a database says to whoever asks that it ' +
        'was copied. Audit logs stay in the data directory.',
    ],
    examples: [
      [
        'keyspan storage copy --to database --database postgres://keyspan@db.example.com/keyspan',
        'Copies ./keyspan-data into PostgreSQL.',
      ],
    ],
  })
}
