import { Command } from 'commander'
import { z } from 'zod'
import { askRunningServer } from './control-client.ts'
import { withManual } from './speech/manual.ts'
import { dataOf, withSettings } from './options.ts'
import { answer, outputOption, type Output } from './speech/output.ts'

const moment = z.object({ time: z.string(), text: z.string() }).nullable()
const statusShape = z.object({
  targets: z.array(
    z.object({
      name: z.string(),
      where: z.string(),
      waiting: z.number(),
      nextTry: z.string().nullable(),
      delivered: z.number(),
      failed: z.number(),
      givenUp: z.number(),
      lastDelivered: moment,
      lastError: moment,
    }),
  ),
})
type Status = z.infer<typeof statusShape>['targets'][number]

const testShape = z.object({
  results: z.array(z.object({ name: z.string(), isDelivered: z.boolean(), answer: z.string() })),
})

/** `keyspan alarms status` and `keyspan alarms test` */
export function alarmsCommand(): Command {
  return new Command('alarms')
    .description('Shows how the targets of alarms do, and tests them.')
    .addCommand(statusCommand())
    .addCommand(testCommand())
}

function statusCommand(): Command {
  const status = withSettings(new Command('status'), ['data', 'config'])
    .description('Prints of each target what was delivered, what waits, and what went wrong last.')
    .addOption(outputOption())
    .action(async ({ output }: { output: Output }, command: Command) => {
      const { targets } = statusShape.parse(await askRunningServer(dataOf(command), '/alarms/status', {}))
      answer(output, targets.map(statusText).join(''), { targets })
    })
  return withManual(status, {
    more: [
      'What waits is tried again, after pauses of up to five minutes, until it is given up: then the log says so.',
    ],
    examples: [['keyspan alarms status --output json', 'Prints the same for a program.']],
  })
}

function statusText({ name, where, delivered, waiting, nextTry, givenUp, lastDelivered, lastError }: Status): string {
  const lines = [
    `${name}: ${where}`,
    `  delivered: ${delivered}${lastDelivered === null ? '' : `, the last at ${lastDelivered.time}, ${lastDelivered.text}`}`,
    `  waiting: ${waiting}${nextTry === null ? '' : `, the next is tried at ${nextTry}`}`,
    `  given up: ${givenUp}`,
    ...(lastError === null ? [] : [`  last error: ${lastError.text} (${lastError.time})`]),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

function testCommand(): Command {
  const test = withSettings(new Command('test'), ['data', 'config'])
    .description('Sends a test event to each target, or to one, and says what came back.')
    .argument('[target]', 'the name of a target')
    .addOption(outputOption())
    .action(async (target: string | undefined, { output }: { output: Output }, command: Command) => {
      const asked = { target: target ?? null }
      const { results } = testShape.parse(await askRunningServer(dataOf(command), '/alarms/test', asked))
      const lines = results.map(
        (each) => `${each.name}: ${each.isDelivered ? 'delivered' : 'NOT DELIVERED'}, ${each.answer}\n`,
      )
      answer(output, lines.join(''), { results })
      if (results.some((each) => !each.isDelivered)) process.exitCode = 1
    })
  return withManual(test, {
    more: ['It is signed as an alarm is, has "alarms": ["test"], and is not tried again.'],
    examples: [['keyspan alarms test pager', 'Sends it to the target pager alone.']],
    status: ['Every target has taken it.', 'A target has not taken it.'],
  })
}
