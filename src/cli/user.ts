import { Command, Option } from 'commander'
import { z } from 'zod'
import { FIRST_ACCOUNT } from '../server/data/accounts.ts'
import { readConfig } from '../server/config.ts'
import { dataDirectory } from '../server/data/data-directory.ts'
import { askRunningServer } from './control-client.ts'
import { collectText, OUTPUTS, settingsOf, withSettings, type Output } from './options.ts'

interface Options {
  readonly policy: readonly string[]
  readonly account: string
  readonly output: Output
}

const made = z.object({ arn: z.string(), profile: z.string(), accessKeyId: z.string(), secretAccessKey: z.string() })

/** `keyspan user create NAME` */
export function userCommand(): Command {
  const create = withSettings(new Command('create'), ['data', 'config'])
    .description('Makes a user with an access key and a profile, so that nobody need work as the root user.')
    .argument('<name>', 'such as ada')
    .option(
      '--policy <policy>',
      'a managed policy, by name or ARN, such as AdministratorAccess; may be given again',
      collectText,
      [],
    )
    .option('--account <id>', 'in which account', FIRST_ACCOUNT)
    .addOption(new Option('--output <format>', 'what to print').choices(OUTPUTS).default('text'))
    .action(async (name: string, { policy: policies, account, output }: Options, command: Command) => {
      const data = dataDirectory(readConfig(settingsOf(command), process.env).data)
      const user = made.parse(await askRunningServer(data, '/user', { account, name, policies }))
      const rights = policies.length === 0 ? ' It may do nothing yet: no --policy was given.' : ''
      process.stdout.write(
        output === 'json'
          ? `${JSON.stringify(user, null, 2)}\n`
          : `User ${user.arn} is made.${rights} Its profile is ${user.profile}:\n\n` +
              `  eval "$(keyspan env --profile ${user.profile})"\n`,
      )
    })
  return new Command('user').description('Makes users.').addCommand(create)
}
