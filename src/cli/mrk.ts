import { Command } from 'commander'
import { askForText } from './control-client.ts'
import { settingsOf, withSettings } from './options.ts'

/** `keyspan mrk show KEY` */
export function mrkCommand(): Command {
  const show = withSettings(new Command('show'), ['data', 'config'])
    .description(
      'Shows related keys side by side, what differs between them, and what a deletion or rotation waits for.',
    )
    .argument('<key>', 'the ARN of a multi-Region key')
    .action((key: string, _options: unknown, command: Command) => askForText(settingsOf(command), '/family', { key }))
  return new Command('mrk').description('Looks at multi-Region keys as a whole.').addCommand(show)
}
