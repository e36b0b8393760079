import { Command } from 'commander'
import type { Suggestion } from '../../server/inspect/policy-suggest.ts'
import { askRunningServer } from '../control-client.ts'
import { withManual } from '../speech/manual.ts'
import { dataOf, daysOption, withSettings } from '../options.ts'
import { answer, outputOption, type Output } from '../speech/output.ts'

/** `keyspan policy suggest TARGET` */
export function policySuggestCommand(): Command {
  const suggest = withSettings(new Command('suggest'), ['data', 'config'])
    .description('Prints the least policy by which the recorded calls would have passed, and what was never used.')
    .argument('<target>', 'the ARN of a user, role or key')
    .addOption(daysOption())
    .addOption(outputOption())
    .action(async (target: string, options: { days: number; output: Output }, command: Command) => {
      const data = dataOf(command)
      const asked = { target, days: options.days }
      const suggestion = (await askRunningServer(data, '/policy/suggestion', asked)) as Suggestion
      answer(options.output, `${suggestionText(suggestion, options.days)}\n`, suggestion)
    })
  return withManual(suggest, {
    examples: [
      [
        'keyspan policy suggest arn:aws:iam::111122223333:role/app --days 30',
        'Prints the least policy for what the role did in a month, and what it may do and never did.',
      ],
    ],
  })
}

function suggestionText({ calls, policy, notes, unused }: Suggestion, days: number): string {
  const never = unused.map(({ principal, actions }) => `  ${principal}: ${actions.join(', ')}`)
  return [
    `From ${calls} recorded calls of the last ${days} days:`,
    '',
    JSON.stringify(policy, null, 2),
    ...(notes.length > 0 ? ['', ...notes] : []),
    ...(never.length > 0 ? ['', `Allowed today, and not used in ${days} days:`, ...never] : []),
  ].join('\n')
}
