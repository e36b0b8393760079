import { Command } from 'commander'
import { askForText } from './control-client.ts'
import { settingsOf, withSettings } from './options.ts'

/** `keyspan who-can KEY [ACTION...]` */
export function whoCanCommand(): Command {
  return withSettings(new Command('who-can'), ['data', 'config'])
    .description('Shows who may do what with a key and every key that is related to it, Region by Region.')
    .argument('<key>', 'the ARN of a key')
    .argument('[actions...]', 'such as kms:Decrypt; the usual ones where none is given')
    .action((key: string, actions: readonly string[], _options: unknown, command: Command) =>
      askForText(settingsOf(command), '/who-can', { key, actions }),
    )
}
