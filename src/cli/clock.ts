import { Command } from 'commander'
import { z } from 'zod'
import { askRunningServer } from './control-client.ts'
import { withManual } from './speech/manual.ts'
import { dataOf, withSettings } from './options.ts'
import { answer, outputOption, type Output } from './speech/output.ts'

const moved = z.object({ now: z.string() })
const confirmed = z.object({ text: z.string() })

/** `keyspan clock advance DURATION` and `keyspan clock confirm` */
export function clockCommand(): Command {
  return new Command('clock')
    .description('Moves the clock, or confirms it.')
    .addCommand(advanceCommand())
    .addCommand(confirmCommand())
}

function advanceCommand(): Command {
  const advance = withSettings(new Command('advance'), ['data', 'config'])
    .description('Moves the clock of a server in development mode, and waits until what is due by then has happened.')
    .argument('<duration>', 'such as 30d, 12h, 5m or 90s')
    .addOption(outputOption())
    .action(async (duration: string, { output }: { output: Output }, command: Command) => {
      const { now } = moved.parse(await askRunningServer(dataOf(command), '/clock', { advance: duration }))
      answer(output, `It is ${now}.\n`, { now })
    })
  return withManual(advance, {
    more: ['The clock stays ahead of the machine’s, also when the server is started again. It never goes back.'],
    examples: [['keyspan clock advance 30d', 'Deletes what was scheduled for deletion within 30 days, and rotates.']],
  })
}

function confirmCommand(): Command {
  const confirm = withSettings(new Command('confirm'), ['data', 'config'])
    .description('Says that the machine’s clock is right after a leap: what was held goes on.')
    .addOption(outputOption())
    .action(async ({ output }: { output: Output }, command: Command) => {
      const { text } = confirmed.parse(await askRunningServer(dataOf(command), '/clock/confirm', {}))
      answer(output, `${text}\n`, { text })
    })
  return withManual(confirm, {
    more: [
      'A server whose clock leaps by more than a day deletes no key and lets nothing expire until this was said: a ' +
        'wrong clock would destroy keys before their time.',
    ],
    examples: [['keyspan clock confirm', 'Look at the date first: what is due by it is then deleted.']],
  })
}
