import { Command } from 'commander'
import { readConfig } from '../server/config.ts'
import { dataDirectory } from '../server/data-directory.ts'
import { askRunningServer } from './control-client.ts'
import { settingsOf, withSettings } from './options.ts'

/** `keyspan replication pause` and `keyspan replication resume` */
export function replicationCommand(): Command {
  const command = (name: string, description: string, paused: boolean) =>
    withSettings(new Command(name), ['data', 'config'])
      .description(description)
      .action(async (_options: unknown, self: Command) => {
        const data = dataDirectory(readConfig(settingsOf(self), process.env).data)
        await askRunningServer(data, '/replication', { paused })
        process.stdout.write(paused ? 'Nothing moves between Regions now.\n' : 'Regions follow each other again.\n')
      })
  return new Command('replication')
    .description('Holds the movement between Regions, in development mode: a partition for a drill.')
    .addCommand(command('pause', 'Cuts the Regions off from each other until resumed or restarted.', true))
    .addCommand(command('resume', 'Lets the Regions hear from each other again.', false))
}
