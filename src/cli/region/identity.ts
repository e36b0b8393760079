import { Command } from 'commander'
import { z } from 'zod'
import { askRunningServer } from '../control-client.ts'
import { dataOf, withSettings } from '../options.ts'
import { withManual } from '../speech/manual.ts'
import { answer, outputOption, type Output } from '../speech/output.ts'

const introduced = z.object({ text: z.string(), fingerprint: z.string() })

/** `keyspan region identity` */
export function identityCommand(): Command {
  const identity = withSettings(new Command('identity'), ['data', 'config'])
    .description('Prints how this server introduces itself to those of other places.')
    .addOption(outputOption())
    .action(async ({ output }: { output: Output }, command: Command) => {
      const { text, fingerprint } = introduced.parse(await askRunningServer(dataOf(command), '/region/identity', {}))
      if (output === 'text') process.stderr.write(`Fingerprint: ${fingerprint}\n`)
      answer(output, text, { introduction: JSON.parse(text) as unknown, fingerprint })
    })
  return withManual(identity, {
    more: [
      'What it prints is public: the Regions that are served here and the public keys of their identities. The ' +
        'fingerprint, on standard error, is for the operator of the other server: tell it in a way that nobody can ' +
        'change who could change the file.',
    ],
    examples: [['keyspan region identity > here.json', 'Writes the file that the other server is to trust.']],
  })
}
