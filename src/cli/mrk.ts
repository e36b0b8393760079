import { Command, Option } from 'commander'
import { z } from 'zod'
import { readConfig } from '../server/config.ts'
import { dataDirectory } from '../server/data/data-directory.ts'
import { askRunningServer } from './control-client.ts'
import { OUTPUTS, settingsOf, withSettings, type Output } from './options.ts'

interface Options {
  readonly diff?: boolean
  readonly output: Output
}

const answerShape = z.object({ text: z.string(), family: z.unknown() })

/** `keyspan mrk show KEY` */
export function mrkCommand(): Command {
  const show = withSettings(new Command('show'), ['data', 'config'])
    .description(
      'Shows related keys side by side, what differs between them, which are on their way, and what a deletion or ' +
        'rotation waits for.',
    )
    .argument('<key>', 'the ARN of a multi-Region key')
    .option('--diff', "shows how the policies differ from the primary's")
    .addOption(new Option('--output <format>', 'for people, or as JSON').choices(OUTPUTS).default('text'))
    .action(async (key: string, { diff = false, output }: Options, command: Command) => {
      const data = dataDirectory(readConfig(settingsOf(command), process.env).data)
      const { text, family } = answerShape.parse(await askRunningServer(data, '/family', { key, diff }))
      process.stdout.write(`${output === 'json' ? JSON.stringify(family, null, 2) : text}\n`)
    })
  return new Command('mrk').description('Looks at multi-Region keys as a whole.').addCommand(show)
}
