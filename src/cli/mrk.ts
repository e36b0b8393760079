import { Command } from 'commander'
import { z } from 'zod'
import { askRunningServer } from './control-client.ts'
import { withManual } from './speech/manual.ts'
import { dataOf, withSettings } from './options.ts'
import { answer, outputOption, type Output } from './speech/output.ts'

interface Options {
  readonly diff?: boolean
  readonly output: Output
}

const answerShape = z.object({ text: z.string(), family: z.unknown() })

/** `keyspan mrk show KEY` */
export function mrkCommand(): Command {
  const show = withSettings(new Command('show'), ['data', 'config'])
    .description(
      'Shows related keys side by side, what differs between them, what is on its way, what waits for whom since ' +
        'when, and in which order they are deleted.',
    )
    .argument('<key>', 'the ARN of a multi-Region key')
    .option('--diff', "shows how the policies differ from the primary's")
    .addOption(outputOption())
    .action(async (key: string, { diff = false, output }: Options, command: Command) => {
      const { text, family } = answerShape.parse(await askRunningServer(dataOf(command), '/family', { key, diff }))
      answer(output, `${text}\n`, family)
    })
  return new Command('mrk').description('Looks at multi-Region keys as a whole.').addCommand(
    withManual(show, {
      examples: [
        ['keyspan mrk show arn:aws:kms:us-east-1:111122223333:key/mrk-…', 'Shows the key in every Region that has it.'],
        ['keyspan mrk show --diff KEY', 'Shows line by line how the policy of each replica differs.'],
      ],
    }),
  )
}
