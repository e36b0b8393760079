import { Command } from 'commander'
import { readConfig } from '../server/config.ts'
import { dataDirectory } from '../server/data/data-directory.ts'
import { askRunningServer } from './control-client.ts'
import { settingsOf, withSettings } from './options.ts'

/** `keyspan replication pause` and `keyspan replication resume` */
export function replicationCommand(): Command {
  return new Command('replication')
    .description('Holds the movement between Regions, in development mode: a partition for a drill.')
    .addCommand(subcommand('pause', 'Cuts the Regions off from each other until resumed or restarted.', true))
    .addCommand(subcommand('resume', 'Lets the Regions hear from each other again.', false))
}

function subcommand(name: string, description: string, paused: boolean): Command {
  return withSettings(new Command(name), ['data', 'config'])
    .description(description)
    .action(async (_options: unknown, command: Command) => {
      const data = dataDirectory(readConfig(settingsOf(command), process.env).data)
      await askRunningServer(data, '/replication', { paused })
      process.stdout.write(paused ? 'Nothing moves between Regions now.\n' : 'Regions follow each other again.\n')
    })
}
