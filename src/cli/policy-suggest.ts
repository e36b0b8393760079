import { Command, Option } from 'commander'
import { readConfig } from '../server/config.ts'
import { dataDirectory } from '../server/data/data-directory.ts'
import type { Suggestion } from '../server/inspect/policy-suggest.ts'
import { askRunningServer } from './control-client.ts'
import { daysOption, OUTPUTS, settingsOf, withSettings, type Output } from './options.ts'

/** `keyspan policy suggest TARGET` */
export function policySuggestCommand(): Command {
  return withSettings(new Command('suggest'), ['data', 'config'])
    .description('Prints the least policy by which the recorded calls would have passed, and what was never used.')
    .argument('<target>', 'the ARN of a user, role or key')
    .addOption(daysOption())
    .addOption(new Option('--output <format>', 'for people, or one JSON document').choices(OUTPUTS).default('text'))
    .action(async (target: string, options: { days: number; output: Output }, command: Command) => {
      const data = dataDirectory(readConfig(settingsOf(command), process.env).data)
      const asked = { target, days: options.days }
      const suggestion = (await askRunningServer(data, '/policy/suggestion', asked)) as Suggestion
      const isText = options.output === 'text'
      process.stdout.write(`${isText ? suggestionText(suggestion, options.days) : JSON.stringify(suggestion)}\n`)
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
