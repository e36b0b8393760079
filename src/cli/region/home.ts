import { Command } from 'commander'
import { z } from 'zod'
import { moveHome } from '../../server/data/move-home.ts'
import { askServer } from '../control-client.ts'
import { databaseOf, dataOf, ROOT_FLAGS, STORE_FLAGS, withSettings } from '../options.ts'
import { openRootOf } from '../passphrase.ts'
import { withManual } from '../speech/manual.ts'
import { answer, outputOption, type Output } from '../speech/output.ts'

const movedLive = z.object({ home: z.string(), epoch: z.number() })

/** `keyspan region home REGION` */
export function homeCommand(): Command {
  const home = withSettings(new Command('home'), [...STORE_FLAGS, ...ROOT_FLAGS])
    .description('Moves the accounts to another server; or says, on one that is stopped, which server has them now.')
    .argument('<region>', 'the Region whose server is to have them; on a stopped server, also one that is followed')
    .option('--yes', 'what was changed by the last home and was not heard may be lost')
    .addOption(outputOption())
    .action(async (region: string, { output, yes }: { output: Output; yes?: true }, command: Command) => {
      const data = dataOf(command)
      const told = await askServer(data, '/region/home', { region })
      if (told !== null) {
        const given = movedLive.parse(told)
        return answer(output, `${region} has the accounts now. This server follows it.\n`, given)
      }
      const openRoot = () => openRootOf(command, data, false)
      const moved = await moveHome(data, region, yes === true, Date.now(), openRoot, databaseOf(command))
      answer(output, `${moved.text}\n`, moved)
    })
  return withManual(home, {
    more: [
      'Both servers running, say it on the one that has the accounts: it changes nothing of them any more, the other takes ' +
        'all that was changed, and then has them. Meanwhile, for a moment, what changes them is answered with the status ' +
        '503, which clients try again. All other servers follow. Killed at any instant, both go on when they are back.',
      'On a server that is stopped it is for the day on which the server is lost that has the accounts. Take the copy that is newest: keyspan region status ' +
        'says how new each is. On all other servers, name the same Region, so that they follow it. A server that had the ' +
        'accounts and comes back answers nothing more, as soon as it hears of the move, and wants --yes to follow: what it ' +
        'has changed and nobody heard is lost then.',
    ],
    examples: [
      ['keyspan region home eu-west-1 --data east', 'On the server that has the accounts: eu-west-1 has them now.'],
      ['keyspan region home eu-west-1 --data west --yes', 'On the server of eu-west-1: it has the accounts now.'],
      ['keyspan region home eu-west-1 --data south', 'On another server: it follows eu-west-1.'],
    ],
  })
}
