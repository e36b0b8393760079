import { Command } from 'commander'
import { askForText } from './control-client.ts'
import { collectPair, settingsOf, withSettings } from './options.ts'

interface Options {
  readonly as?: string
  readonly action?: string
  readonly key?: string
  readonly region?: string
  readonly context: Readonly<Record<string, string>>
}

/** `keyspan explain ID`, and `keyspan explain --as ARN --action ACTION --key ARN --region REGION` */
export function explainCommand(): Command {
  return withSettings(new Command('explain'), ['data', 'config'])
    .description('Says why a request was refused, or whether one would be.')
    .argument('[id]', 'the id in the header x-keyspan-explain of a refusal')
    .option('--as <arn>', 'who would ask: a root user, user or role')
    .option('--action <action>', 'what, such as kms:Decrypt')
    .option('--key <arn>', 'on which key; * for none')
    .option('--region <region>', 'in which Region')
    .option('--context <key=value>', 'a condition key of the request; may be given again', collectPair, {})
    .action(async (id: string | undefined, options: Options, command: Command) => {
      const { as, action, key, region, context } = options
      if (id !== undefined) return askForText(settingsOf(command), '/explain', { id })
      if (as === undefined || action === undefined || key === undefined || region === undefined) {
        throw new Error('Give the id of a refusal, or all of --as, --action, --key and --region.')
      }
      return askForText(settingsOf(command), '/hypothesis', { as, action, key, region, context })
    })
}
