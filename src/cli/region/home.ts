import { Command } from 'commander'
import { readConfig } from '../../server/config/config.ts'
import { dataDirectory } from '../../server/data/data-directory.ts'
import { moveHome } from '../../server/data/move-home.ts'
import { settingsOf, withSettings } from '../options.ts'
import { withManual } from '../speech/manual.ts'
import { answer, outputOption, type Output } from '../speech/output.ts'

/** `keyspan region home REGION` */
export function homeCommand(): Command {
  const home = withSettings(new Command('home'), ['data', 'root-key', 'config'])
    .description('Says, on a server that is stopped, which Region’s server has the accounts from now on.')
    .argument('<region>', 'one of this server, which then has them; or one of another, which is followed')
    .option('--yes', 'what the last home has changed and was not heard here may be lost')
    .addOption(outputOption())
    .action(async (region: string, { output, yes }: { output: Output; yes?: true }, command: Command) => {
      const { data, rootKey } = readConfig(settingsOf(command), process.env)
      const moved = await moveHome(dataDirectory(data, rootKey), region, yes === true, Date.now())
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
