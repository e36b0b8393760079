import { Command } from 'commander'
import { z } from 'zod'
import { askRunningServer } from '../control-client.ts'
import { dataOf, withSettings } from '../options.ts'
import { withManual } from '../speech/manual.ts'
import { answer, outputOption, type Output } from '../speech/output.ts'

const introduced = z.object({ text: z.string(), fingerprint: z.string() })
const renewed = z.object({ renewed: z.array(z.string()) })

/** `keyspan region identity`, and with `--renew` */
export function identityCommand(): Command {
  const identity = withSettings(new Command('identity'), ['data', 'config'])
    .description('Prints how this server introduces itself to those of other places; or renews its identities.')
    .option('--renew', 'give each Region of this server another identity')
    .addOption(outputOption())
    .action(async ({ output, renew }: { output: Output; renew?: true }, command: Command) => {
      if (renew === true) {
        const { renewed: all } = renewed.parse(await askRunningServer(dataOf(command), '/region/renew', {}))
        const text = `${all.join(', ')}: another identity from now on. Whoever trusts the former one takes it when they meet.\n`
        return answer(output, text, { renewed: all })
      }
      const { text, fingerprint } = introduced.parse(await askRunningServer(dataOf(command), '/region/identity', {}))
      if (output === 'text') process.stderr.write(`Fingerprint: ${fingerprint}\n`)
      answer(output, text, { introduction: JSON.parse(text) as unknown, fingerprint })
    })
  return withManual(identity, {
    more: [
      'What it prints is public: the Regions that are served here and the public keys of their identities. The ' +
        'fingerprint, on standard error, is for the operator of the other server: tell it in a way that nobody can ' +
        'change who could change the file.',
      'Renewed, an identity signs the certificate of the next one, and its private key is deleted. Whoever trusts it needs ' +
        'no operator: a server that is away takes the new identity when it is back.',
    ],
    examples: [
      ['keyspan region identity > here.json', 'Writes the file that the other server is to trust.'],
      ['keyspan region identity --renew', 'Gives each Region here another identity, once a year for example.'],
    ],
  })
}
