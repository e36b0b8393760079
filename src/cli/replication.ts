import { Command } from 'commander'
import { askRunningServer } from './control-client.ts'
import { withManual } from './speech/manual.ts'
import { dataOf, withSettings } from './options.ts'
import { answer, outputOption, type Output } from './speech/output.ts'

/** `keyspan replication pause` and `keyspan replication resume` */
export function replicationCommand(): Command {
  const pause = subcommand('pause', 'Cuts the Regions off from each other until resumed or restarted.', true)
  const resume = subcommand('resume', 'Lets the Regions hear from each other again.', false)
  return new Command('replication')
    .description('Holds the movement between Regions, in development mode: a partition for a drill.')
    .addCommand(
      withManual(pause, {
        examples: [['keyspan replication pause', 'What is done in one Region is not heard in another from now on.']],
      }),
    )
    .addCommand(
      withManual(resume, { examples: [['keyspan replication resume', 'What was missed is heard within moments.']] }),
    )
}

function subcommand(name: string, description: string, paused: boolean): Command {
  return withSettings(new Command(name), ['data', 'config'])
    .description(description)
    .addOption(outputOption())
    .action(async ({ output }: { output: Output }, command: Command) => {
      await askRunningServer(dataOf(command), '/replication', { paused })
      answer(output, paused ? 'Nothing moves between Regions now.\n' : 'Regions follow each other again.\n', { paused })
    })
}
