import { Command } from 'commander'
import { z } from 'zod'
import { FIRST_ACCOUNT } from '../server/data/accounts.ts'
import { askRunningServer } from './control-client.ts'
import { withManual } from './speech/manual.ts'
import { collectText, dataOf, withSettings } from './options.ts'
import { answer, outputOption, type Output } from './speech/output.ts'

interface Options {
  readonly policy?: readonly string[]
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
    )
    .option('--account <id>', 'in which account', FIRST_ACCOUNT)
    .addOption(outputOption())
    .action(async (name: string, { policy: policies = [], account, output }: Options, command: Command) => {
      const user = made.parse(await askRunningServer(dataOf(command), '/user', { account, name, policies }))
      const rights = policies.length === 0 ? ' It may do nothing yet: no --policy was given.' : ''
      const text =
        `User ${user.arn} is made.${rights} Its profile is ${user.profile}:\n\n` +
        `  eval "$(keyspan env --profile ${user.profile})"\n`
      answer(output, text, user)
    })
  return new Command('user').description('Makes users.').addCommand(
    withManual(create, {
      more: ['The user is made by IAM’s own operations, as the root user of the account; they are in the audit log.'],
      examples: [
        ['keyspan user create ada --policy AdministratorAccess', 'Makes ada, who may do everything in her account.'],
        ['eval "$(keyspan env --profile ada)"', 'From now on the AWS CLI of this shell is ada.'],
      ],
    }),
  )
}
