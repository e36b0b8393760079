import { Command } from 'commander'
import { z } from 'zod'
import { askRunningServer } from '../control-client.ts'
import { dataOf, withSettings } from '../options.ts'
import { withManual } from '../speech/manual.ts'
import { answer, outputOption, type Output } from '../speech/output.ts'
import { readIntroductionFile } from './introduction-file.ts'

const answered = z.object({ trusted: z.array(z.string()) })

/** `keyspan region trust FILE --fingerprint FINGERPRINT` */
export function trustCommand(): Command {
  const trust = withSettings(new Command('trust'), ['data', 'config'])
    .description('Trusts the Regions of another server of this deployment.')
    .argument('<file>', 'what that server has printed: keyspan region identity; - is standard input')
    .requiredOption('--fingerprint <fingerprint>', 'its fingerprint, as its operator has told it')
    .option('--replace', 'also a Region that was trusted under another identity')
    .addOption(outputOption())
    .action(
      async (
        file: string,
        { output, fingerprint, replace = false }: { output: Output; fingerprint: string; replace?: boolean },
        command: Command,
      ) => {
        const asked = { text: readIntroductionFile(file), fingerprint, replace }
        const { trusted } = answered.parse(await askRunningServer(dataOf(command), '/region/trust', asked))
        answer(output, `${trusted.join(', ')}: trusted from now on.\n`, { trusted })
      },
    )
  return withManual(trust, {
    more: [
      'Both servers must trust each other. A Region that was trusted under another identity is refused, unless that has ' +
        'signed the new one. --replace is for a server that was put back from a backup of before its identity was renewed.',
    ],
    examples: [['keyspan region trust there.json --fingerprint 4f1c-...', 'Lets the Regions hear from each other.']],
  })
}

/** `keyspan region distrust REGION` */
export function distrustCommand(): Command {
  const distrust = withSettings(new Command('distrust'), ['data', 'config'])
    .description('Trusts a Region of another server no more: it is neither heard nor answered.')
    .argument('<region>')
    .addOption(outputOption())
    .action(async (region: string, { output }: { output: Output }, command: Command) => {
      await askRunningServer(dataOf(command), '/region/distrust', { region })
      answer(output, `${region} is not trusted any more.\n`, { distrusted: region })
    })
  return withManual(distrust, {
    examples: [['keyspan region distrust eu-west-1', 'Cuts off a Region whose server is in wrong hands.']],
  })
}
