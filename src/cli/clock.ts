import { Command } from 'commander'
import { z } from 'zod'
import { readConfig } from '../server/config.ts'
import { dataDirectory } from '../server/data/data-directory.ts'
import { askForText, askRunningServer } from './control-client.ts'
import { settingsOf, withSettings } from './options.ts'

/** `keyspan clock advance DURATION` */
export function clockCommand(): Command {
  const advance = withSettings(new Command('advance'), ['data', 'config'])
    .description('Moves the clock of a server in development mode, and waits until what is due by then has happened.')
    .argument('<duration>', 'such as 30d, 12h, 5m or 90s')
    .action(async (duration: string, _options: unknown, command: Command) => {
      const data = dataDirectory(readConfig(settingsOf(command), process.env).data)
      const answer = await askRunningServer(data, '/clock', { advance: duration })
      process.stdout.write(`It is ${z.object({ now: z.string() }).parse(answer).now}.\n`)
    })
  const confirm = withSettings(new Command('confirm'), ['data', 'config'])
    .description('Says that the machine’s clock is right after a leap: what was held goes on.')
    .action(async (_options: unknown, command: Command) => {
      await askForText(settingsOf(command), '/clock/confirm', {})
    })
  return new Command('clock').description('Moves the clock, or confirms it.').addCommand(advance).addCommand(confirm)
}
