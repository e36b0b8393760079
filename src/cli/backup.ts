import { Command } from 'commander'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { backupTime, restoreBackup, takeBackup } from '../server/data/backup.ts'
import { dataDirectory } from '../server/data/data-directory.ts'
import { takeStores } from '../server/data/find-stores.ts'
import { restoreText } from '../server/disaster/texts.ts'
import { takenBack } from '../server/disaster/taken-back.ts'
import { rootHolderOf } from '../server/trust/holder-text.ts'
import { askServer } from './control-client.ts'
import { openRootOf } from './passphrase.ts'
import { withManual } from './speech/manual.ts'
import { databaseOf, dataOf, ROOT_FLAGS, STORE_FLAGS, withSettings } from './options.ts'
import { answer, outputOption, type Output } from './speech/output.ts'
import { showProgress } from './speech/progress.ts'

const taken = z.object({ files: z.record(z.string(), z.unknown()), takenAt: z.string() })
/** What a server that runs says besides: which root key it has. */
const takenThere = taken.extend({ rootKey: z.string() })

/** `keyspan backup DIR` */
export function backupCommand(): Command {
  const backup = withSettings(new Command('backup'), [...STORE_FLAGS, 'root-key'])
    .description(
      'Copies the data of a server, as it is at one moment, into a new directory. The server goes on serving.',
    )
    .argument('<dir>', 'an empty or a new directory')
    .addOption(outputOption())
    .action(async (dir: string, { output }: { output: Output }, command: Command) => {
      const data = dataOf(command)
      const target = resolve(dir)
      const there = await askServer(data, '/backup', { target })
      const { files, takenAt } = taken.parse(there ?? (await takeHere(target)))
      const { provider, rootKey, advice } = await rootHolderOf({
        rootKey: there === null ? data.rootKey : takenThere.parse(there).rootKey,
        keyring: join(target, 'keyring.json'),
      })
      const names = Object.keys(files)
      // How far the trees of the logs have come is a matter of moments.
      const kept = names.filter((name) => !name.startsWith('trees/')).length
      const text =
        `${kept} databases and logs are in ${target}. The root key is not among them, and nothing in them opens without ` +
        `it: ${advice}\n`
      answer(output, text, { directory: target, files: names, takenAt, provider, rootKey })

      /** Takes the backup while no server is running. */
      async function takeHere(to: string) {
        await using found = await takeStores(data, databaseOf(command))
        using _progress = showProgress('backup')
        return await takeBackup(data, to, Date.now(), found.stores)
      }
    })
  return withManual(backup, {
    more: [
      'The root key is not among the files: who has the backup alone can open nothing. Keep a copy of the root key in ' +
        'another place, and try both with keyspan restore.',
    ],
    examples: [['keyspan backup /backups/2026-11-28', 'Copies the data into a new directory.']],
  })
}

interface RestoreOptions {
  readonly output: Output
  readonly replaces?: string
  readonly yes?: true
}

/** `keyspan restore DIR` */
export function restoreCommand(): Command {
  const restore = withSettings(new Command('restore'), ['data', ...ROOT_FLAGS, 'config'])
    .description('Puts a backup into a new data directory, and tries whether the root key opens it.')
    .argument('<dir>', 'what keyspan backup has made')
    .option(
      '--replaces <dir>',
      'the data directory in whose place it comes: its audit logs tell what the backup brings back',
    )
    .option('--yes', 'what was disabled, revoked or deleted since the backup lives again')
    .addOption(outputOption())
    .action(async (dir: string, { output, replaces, yes }: RestoreOptions, command: Command) => {
      const data = dataOf(command)
      using _progress = showProgress('restore')
      const source = resolve(dir)
      const takenAtAll = await backupTime(source)
      const events =
        replaces === undefined ? null : await takenBack(dataDirectory(replaces).audits, null, Date.parse(takenAtAll))
      if (yes !== true) throw new Error(restoreText(takenAtAll, events))
      // What holds the root key is what the backup says.
      const taken = { ...data, keyring: join(source, 'keyring.json'), global: join(source, 'global.sqlite') }
      const { takenAt } = await restoreBackup(data, source, () => openRootOf(command, taken))
      const { provider, rootKey, name } = await rootHolderOf(data)
      const text =
        `The backup of ${takenAt} is in ${data.path}, and ${name} opens it. Access keys are those ` +
        'of that time; the profiles with their secrets are not in a backup.\n'
      answer(output, text, { data: data.path, takenAt, provider, rootKey })
    })
  return withManual(restore, {
    more: [
      'Its Regions begin anew at the first start: each asks all others what it has forgotten of multi-Region keys, and is ' +
        'nobody’s primary before they have answered. Of all else, what the backup says is so.',
      'A profile is made again with keyspan account key, once the server runs.',
    ],
    examples: [
      [
        'keyspan restore /backups/2026-11-28 --data new --root-key /safe/root.key --yes',
        'Puts the backup into the directory new, which keyspan serve --data new then serves.',
      ],
    ],
  })
}
