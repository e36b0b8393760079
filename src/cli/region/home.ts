import { Command } from 'commander'
import { moveHome } from '../../server/data/move-home.ts'
import { dataOf, ROOT_FLAGS, withSettings } from '../options.ts'
import { openRootOf } from '../passphrase.ts'
import { withManual } from '../speech/manual.ts'
import { answer, outputOption, type Output } from '../speech/output.ts'

/** `keyspan region home REGION` */
export function homeCommand(): Command {
  const home = withSettings(new Command('home'), ['data', ...ROOT_FLAGS, 'config'])
    .description('Says, on a server that is stopped, which Region’s server has the accounts from now on.')
    .argument('<region>', 'one of this server, which then has them; or one of another, which is followed')
    .option('--yes', 'what the last home has changed and was not heard here may be lost')
    .addOption(outputOption())
    .action(async (region: string, { output, yes }: { output: Output; yes?: true }, command: Command) => {
      const data = dataOf(command)
      const moved = await moveHome(data, region, yes === true, Date.now(), () => openRootOf(command, data))
      answer(output, `${moved.text}\n`, moved)
    })
  return withManual(home, {
    more: [
      'For the day on which the server is lost that has the accounts. Take the copy that is newest: keyspan region status ' +
        'says how new each is. On all other servers, name the same Region, so that they follow it. A server that had the ' +
        'accounts and comes back changes nothing more, as soon as it hears of the move.',
    ],
    examples: [
      ['keyspan region home eu-west-1 --data west --yes', 'On the server of eu-west-1: it has the accounts now.'],
      ['keyspan region home eu-west-1 --data south', 'On another server: it follows eu-west-1.'],
    ],
  })
}
