import { Command } from 'commander'
import { joinDeployment } from '../../server/data/join.ts'
import { readIntroduction } from '../../server/peers/introduction.ts'
import { dataOf, ROOT_FLAGS, withSettings } from '../options.ts'
import { openRootOf } from '../passphrase.ts'
import { withManual } from '../speech/manual.ts'
import { answer, outputOption, type Output } from '../speech/output.ts'
import { readIntroductionFile } from './introduction-file.ts'

/** `keyspan region join FILE --fingerprint FINGERPRINT` */
export function joinCommand(): Command {
  const join = withSettings(new Command('join'), ['data', ...ROOT_FLAGS, 'config'])
    .description('Begins a data directory that belongs to the deployment of another server.')
    .argument('<file>', 'what that server has printed: keyspan region identity; - is standard input')
    .requiredOption('--fingerprint <fingerprint>', 'its fingerprint, as its operator has told it')
    .addOption(outputOption())
    .action(
      async (file: string, { output, fingerprint }: { output: Output; fingerprint: string }, command: Command) => {
        const introduction = readIntroduction(readIntroductionFile(file), fingerprint)
        const directory = dataOf(command)
        await joinDeployment(directory, introduction, Date.now(), () => openRootOf(command, directory))
        const { deployment, home } = introduction
        answer(
          output,
          `${directory.path} belongs to the deployment ${deployment} now. Its accounts are a copy of those of ${home}.\n`,
          { data: directory.path, deployment, home },
        )
      },
    )
  return withManual(join, {
    more: [
      'The server that is started on it then serves its own Regions (--regions), has the accounts, users, policies and ' +
        'organizations of the other, and passes on what changes them.',
    ],
    examples: [
      ['keyspan region join there.json --fingerprint 4f1c-... --data ./here', 'Begins a data directory.'],
      ['keyspan serve --data ./here --regions eu-west-1 --peer us-east-1=https://10.0.0.1:7701 --peer-port 7701', ''],
    ],
  })
}
