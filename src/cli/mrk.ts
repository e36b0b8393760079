import { Command } from 'commander'
import { z } from 'zod'
import { isCommercialRegion } from '../domain/region.ts'
import { keyMeant } from '../server/disaster/force-primary.ts'
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
  const shown = withManual(show, {
    examples: [
      ['keyspan mrk show arn:aws:kms:us-east-1:111122223333:key/mrk-…', 'Shows the key in every Region that has it.'],
      ['keyspan mrk show --diff KEY', 'Shows line by line how the policy of each replica differs.'],
    ],
  })
  return new Command('mrk')
    .description('Looks at multi-Region keys as a whole; gives one another primary where its own is lost.')
    .addCommand(shown)
    .addCommand(forceCommand())
}

/** `keyspan mrk force-primary KEY --in REGION --destroyed REGION` */
function forceCommand(): Command {
  const force = withSettings(new Command('force-primary'), ['data', 'config'])
    .description('Makes a replica the primary in place of one whose Region is destroyed.')
    .argument('<key>', 'the ARN of the multi-Region key, in any Region')
    .requiredOption('--in <region>', 'the Region of the replica, which this server serves')
    .requiredOption('--destroyed <region>', 'the Region of the primary, which is gone for good')
    .option('--yes', 'that Region will never again run as what it was')
    .addOption(outputOption())
    .action(async (key: string, { in: to, destroyed, yes, output }: ForceOptions, command: Command) => {
      keyMeant(key)
      for (const region of [to, destroyed]) {
        if (!isCommercialRegion(region)) throw new Error(`"${region}" is not a commercial AWS Region.`)
      }
      const forced = await askRunningServer(dataOf(command), '/mrk/force-primary', {
        key,
        to,
        destroyed,
        isAgreed: yes === true,
      })
      const { text, isDone } = forcedShape.parse(forced)
      answer(output, `${text}\n`, { key, primaryRegion: to, isDone })
    })
  return withManual(force, {
    more: [
      'All other Regions are asked first, and have to answer: a key that has a primary elsewhere keeps it. Said again, it ' +
        'tells for whom it waits.',
      'It is refused while that Region answers and has the key. Where it cannot be asked, it has to be forgotten first, on ' +
        'every server that is left: keyspan region forget.',
      'If the Region is not destroyed, the key has two primaries until it hears of this. What each of them rotates then ' +
        'cannot be decrypted by the other. Nothing undoes this.',
    ],
    examples: [
      [
        'keyspan mrk force-primary KEY --in eu-west-1 --destroyed us-east-1 --yes',
        'eu-west-1 has the primary from now on, and us-east-1 comes back only as another.',
      ],
    ],
  })
}

interface ForceOptions {
  readonly in: string
  readonly destroyed: string
  readonly yes?: true
  readonly output: Output
}

const forcedShape = z.object({ text: z.string(), isDone: z.boolean() })
