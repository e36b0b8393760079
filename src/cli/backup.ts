import { Command } from 'commander'
import { resolve } from 'node:path'
import { z } from 'zod'
import { restoreBackup, takeBackup } from '../server/data/backup.ts'
import { readConfig } from '../server/config.ts'
import { dataDirectory, DataDirectoryError, holdsDeployment, lockDataDirectory } from '../server/data/data-directory.ts'
import { openRootKeyFile } from '../server/data/root-key-file.ts'
import { askServer } from './control-client.ts'
import { settingsOf, withSettings } from './options.ts'

const taken = z.object({ files: z.record(z.string(), z.unknown()), takenAt: z.string() })

/** `keyspan backup DIR` */
export function backupCommand(): Command {
  return withSettings(new Command('backup'), ['data', 'root-key', 'config'])
    .description(
      'Copies the data of a server, as it is at one moment, into a new directory. The server goes on serving.',
    )
    .argument('<dir>', 'an empty or a new directory')
    .action(async (dir: string, _options: unknown, command: Command) => {
      const { data: path, rootKey } = readConfig(settingsOf(command), process.env)
      const data = dataDirectory(path, rootKey)
      const target = resolve(dir)
      const { files } = taken.parse((await askServer(data, '/backup', { target })) ?? (await takeHere(target)))
      process.stdout.write(
        `${Object.keys(files).length} files are in ${target}. The root key is not among them, and nothing in them opens ` +
          `without it: keep a copy of ${data.rootKey} in another place.\n`,
      )

      /** Takes the backup while no server is running. */
      async function takeHere(to: string) {
        if (!holdsDeployment(data)) throw new DataDirectoryError(`${data.path} holds no data. Give --data.`)
        using _lock = await lockDataDirectory(data)
        return takeBackup(data, to, Date.now())
      }
    })
}

/** `keyspan restore DIR` */
export function restoreCommand(): Command {
  return withSettings(new Command('restore'), ['data', 'root-key', 'config'])
    .description('Puts a backup into a new data directory, and tries whether the root key opens it.')
    .argument('<dir>', 'what keyspan backup has made')
    .action(async (dir: string, _options: unknown, command: Command) => {
      const { data: path, rootKey } = readConfig(settingsOf(command), process.env)
      const data = dataDirectory(path, rootKey)
      using _lock = await lockDataDirectory(data)
      const root = await openRootKeyFile({ path: data.rootKey, mayCreate: false })
      const { takenAt } = await restoreBackup(data, resolve(dir), root)
      process.stdout.write(
        `The backup of ${takenAt} is in ${data.path}, and the root key ${data.rootKey} opens it. Access keys are those ` +
          'of that time; the profiles with their secrets are not in a backup.\n',
      )
    })
}
